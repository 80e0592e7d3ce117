package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.health.SlowStart;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Lets back ends warm up in steps, all of them by one timer, which runs only while somebody warms up: at each step the
 * pickers are made once, with the weights of all.
 */
final class WarmUps {

    private static final int STEPS = 10;

    private final SlowStart slowStart;
    private final Timers timers;
    private final NanoClock clock;
    private final Runnable reweigh;

    // Guarded by the monitor: who warms up, and since when.
    private final Map<NodeShare, Long> warming = new HashMap<>();
    private boolean ticking;

    /** @param reweigh has the pickers made with the shares of the moment; called without a lock */
    WarmUps(SlowStart slowStart, Timers timers, NanoClock clock, Runnable reweigh) {
        this.slowStart = slowStart;
        this.timers = timers;
        this.clock = clock;
        this.reweigh = reweigh;
    }

    /**
     * Gives a back end the share that it begins with, for as long as it is unfit or has not been asked.
     *
     * @return whether that is a change, after which {@link #reweigh} is to be called
     */
    synchronized boolean cool(NodeShare share) {
        warming.remove(share);
        return share.warmTo(slowStart.share(0));
    }

    /** Has the pickers made with the shares of the moment; not to be called with a lock. */
    void reweigh() {
        reweigh.run();
    }

    /** A back end that is cool begins to warm up. */
    synchronized void begin(NodeShare share) {
        warming.put(share, clock.nanos());
        if (!ticking) {
            scheduleTick();
        }
    }

    private void tick() {
        synchronized (this) {
            long now = clock.nanos();
            Iterator<Map.Entry<NodeShare, Long>> each = warming.entrySet().iterator();
            while (each.hasNext()) {
                Map.Entry<NodeShare, Long> entry = each.next();
                double warmth = slowStart.share(now - entry.getValue());
                entry.getKey().warmTo(warmth);
                if (warmth >= 1) {
                    each.remove();
                }
            }
            ticking = false;
            if (!warming.isEmpty()) {
                scheduleTick();
            }
        }
        reweigh();
    }

    private void scheduleTick() {
        timers.after(Math.max(1, slowStart.duration().toNanos() / STEPS), this::tick);
        ticking = true;
    }
}
