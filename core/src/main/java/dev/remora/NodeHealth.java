package dev.remora;

import dev.remora.exchange.Outcome;
import dev.remora.health.HealthTracker;
import dev.remora.health.ProbeAnswer;
import dev.remora.pool.BackendId;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether one back end is fit: what its tracker and its probes say together. Thread-safe. */
final class NodeHealth {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);

    private final BackendId id;
    private final HealthTracker tracker;
    private final BalancerListener listener;
    private final NodeShare share;

    // Written by the probe loop only, read by request threads.
    private volatile boolean probeFit;

    // Until when it asks to be spared; 0 if it does not. Written by request threads: the latest end wins.
    private final AtomicLong cooledUntil = new AtomicLong();

    // When it failed last, always odd; 0 before the first failure. A lost update is allowed.
    private volatile long failedAt;

    private final Pace pace = new Pace();

    // What listeners have been told, or are about to be. Written under the monitor, read without it to see that nothing
    // changed.
    private volatile boolean toldFit;

    // Turns that were decided and not told. Who raises it from 0 tells, until it is 0 again, so that two threads that
    // find it unfit and fit again cannot tell it in the other order; nobody else touches the last one told.
    private final AtomicInteger turns = new AtomicInteger();
    private boolean lastTurn;

    NodeHealth(BackendId id, HealthTracker tracker, BalancerListener listener) {
        this(id, tracker, listener, NodeShare.warm(), true);
    }

    /** @param fitAtFirst what is believed before the first probe */
    NodeHealth(BackendId id, HealthTracker tracker, BalancerListener listener, NodeShare share, boolean fitAtFirst) {
        this.id = id;
        this.tracker = tracker;
        this.listener = listener;
        this.share = share;
        this.probeFit = fitAtFirst;
        this.toldFit = fitAtFirst;
        this.lastTurn = fitAtFirst;
    }

    NodeShare share() {
        return share;
    }

    /** Whether nothing speaks against it; answered without a clock. */
    boolean spotless() {
        return probeFit && cooledUntil.get() == 0 && tracker.spotless();
    }

    boolean fit(long nowNanos) {
        return probeFit && (tracker.spotless() || tracker.fit(nowNanos));
    }

    void admitted(long nowNanos) {
        tracker.admitted(nowNanos);
    }

    void responded(int status, boolean failure, long nowNanos) {
        if (failure) {
            failed(nowNanos);
        }
        tracker.responded(status, failure, nowNanos);
        tell(nowNanos);
    }

    void stalled(long nowNanos) {
        failed(nowNanos);
        tracker.stalled(nowNanos);
        tell(nowNanos);
    }

    void recovered() {
        tracker.recovered();
    }

    void ended(Outcome outcome, HealthTracker.Verdict before, long nowNanos) {
        if (outcome instanceof Outcome.Failure) {
            failed(nowNanos);
        }
        tracker.ended(outcome, before, nowNanos);
        tell(nowNanos);
    }

    /** It asks new clients to spare it until then. */
    void coolUntil(long nanos) {
        long until = nanos | 1;
        cooledUntil.accumulateAndGet(until, (seen, mine) -> seen != 0 && seen - mine > 0 ? seen : mine);
    }

    boolean cooling(long nowNanos) {
        long until = cooledUntil.get();
        if (until == 0) {
            return false;
        }
        if (nowNanos - until < 0) {
            return true;
        }
        cooledUntil.compareAndSet(until, 0);
        return false;
    }

    /** How long ago it failed; the longest time there is if it never did. */
    long sinceFailure(long nowNanos) {
        long seen = failedAt;
        return seen == 0 ? Long.MAX_VALUE : nowNanos - seen;
    }

    /** How its streams flow. */
    Pace pace() {
        return pace;
    }

    /** The tracker that the policy's monitor has made. */
    HealthTracker tracker() {
        return tracker;
    }

    /** What listeners have been told, or are about to be. */
    boolean toldFit() {
        return toldFit;
    }

    private void failed(long nowNanos) {
        failedAt = nowNanos | 1;
    }

    boolean probeFit() {
        return probeFit;
    }

    /**
     * Takes note of a probe's answer.
     *
     * @param verdict what the answers amount to, this one included
     * @param turned whether that is another verdict than before, or the first
     */
    void probed(ProbeAnswer answer, boolean verdict, boolean turned, long nowNanos) {
        if (turned) {
            if (verdict) {
                tracker.risen();
            } else {
                failed(nowNanos);
                share.fell();
            }
            probeFit = verdict;
            tell(nowNanos, answer.reason());
        }
        if (answer.passed() && fit(nowNanos)) {
            share.rose();
        }
    }

    /** Tells listeners if it is not what they know it to be. */
    void tell(long nowNanos) {
        tell(nowNanos, "by what its streams show");
    }

    private void tell(long nowNanos, String reason) {
        if (fit(nowNanos) == toldFit) {
            return;
        }
        boolean fit;
        synchronized (this) {
            fit = fit(nowNanos);
            if (fit == toldFit) {
                return;
            }
            toldFit = fit;
        }
        log.info("back end {} is {}: {}", id, fit ? "fit" : "unfit", reason);
        if (turns.getAndIncrement() == 0) {
            tellTurns();
        }
    }

    private void tellTurns() {
        boolean more = true;
        while (more) {
            try {
                turn();
            } finally {
                more = turns.decrementAndGet() > 0;
            }
        }
    }

    // Turns alternate, so each is the opposite of the one before.
    private void turn() {
        lastTurn = !lastTurn;
        if (lastTurn) {
            share.rose();
        } else {
            share.fell();
        }
        listener.healthChanged(id, lastTurn);
    }
}
