package dev.remora.ratelimit;

import dev.remora.exchange.NanoClock;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clock of limits: exact while few ask it, and late by a tick while so many do that its reading is most of what a limit
 * costs. Those who flood a gateway are denied for a tenth of what the time would have cost. nginx goes by a time that it has
 * noted, too.
 *
 * <p>While many ask, a thread notes the time each millisecond. After a second it lets go of that and looks whether still
 * so many ask; if not, it ends. So a quiet process has no such thread, and nobody has to close this clock.
 *
 * <p>What holds: it is never ahead of its source. It may step back by as much as it is late: a bucket takes that as no time.
 */
final class BusyClock implements NanoClock {

    /** Of this JVM, for all limiters that were not given one. */
    static final NanoClock SHARED = new BusyClock(NanoClock.system(), BusyClock::start);

    /** So many readings in a tick are many. */
    static final int MANY = 64;

    static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final Logger log = LoggerFactory.getLogger(BusyClock.class);
    private static final int TICKS_IN_A_ROW = 1_000;
    // In place of a time: the source is to be asked.
    private static final long NONE = Long.MIN_VALUE;

    private final NanoClock source;
    private final Executor threads;
    private final AtomicBoolean ticking = new AtomicBoolean();
    // How often the source was asked, more or less: who races loses counts, which matters to nobody.
    private final AtomicInteger asked = new AtomicInteger();
    private volatile long asOfMany;
    private volatile long noted = NONE;

    /**
     * A clock of its own.
     *
     * @param threads run what notes the time, which takes a thread for itself
     */
    BusyClock(NanoClock source, Executor threads) {
        this.source = source;
        this.threads = threads;
        this.asOfMany = source.nanos() - TICK_NANOS;
    }

    @Override
    public long nanos() {
        long time = noted;
        return time == NONE ? ask() : time;
    }

    private long ask() {
        long now = source.nanos();
        int count = asked.getPlain() + 1;
        asked.setOpaque(count);
        if (count % MANY == 0) {
            boolean fast = now - asOfMany < TICK_NANOS;
            asOfMany = now;
            if (fast && ticking.compareAndSet(false, true)) {
                startTicking();
            }
        }
        return now;
    }

    private void startTicking() {
        try {
            threads.execute(this::tick);
        } catch (OutOfMemoryError e) {
            // Not tried again: limits then cost what they cost.
            log.warn("no thread can be started to note the time: each limit asks for it from now on", e);
        }
    }

    private static void start(Runnable ticks) {
        // Nothing is inherited from whoever happens to ask: its application may be gone long before this thread.
        Thread thread = new Thread(null, ticks, "remora-clock", 0, false);
        thread.setContextClassLoader(BusyClock.class.getClassLoader());
        thread.setDaemon(true);
        thread.start();
    }

    private void tick() {
        try {
            int before;
            do {
                for (int i = 0; i < TICKS_IN_A_ROW && !Thread.currentThread().isInterrupted(); i++) {
                    noted = source.nanos();
                    LockSupport.parkNanos(TICK_NANOS);
                }
                noted = NONE;
                before = asked.getOpaque();
                LockSupport.parkNanos(TICK_NANOS);
            } while (asked.getOpaque() - before >= MANY
                    && !Thread.currentThread().isInterrupted());
        } finally {
            // Whatever stops it: a time that stands still would refill no bucket.
            noted = NONE;
            ticking.set(false);
        }
    }
}
