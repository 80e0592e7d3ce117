package dev.remora;

import dev.remora.exchange.Outcome;
import dev.remora.health.HealthTracker;
import dev.remora.pool.BackendId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether one back end is fit: what its tracker and its probes say together. Thread-safe. */
final class NodeHealth {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);

    private final BackendId id;
    private final HealthTracker tracker;
    private final BalancerListener listener;

    // Written by the probe loop only, read by request threads.
    private volatile boolean probeFit = true;

    // What listeners have been told last. Written under the monitor, read without it to see that nothing changed.
    private volatile boolean toldFit = true;

    NodeHealth(BackendId id, HealthTracker tracker, BalancerListener listener) {
        this.id = id;
        this.tracker = tracker;
        this.listener = listener;
    }

    /** Whether nothing speaks against it; answered without a clock. */
    boolean spotless() {
        return probeFit && tracker.spotless();
    }

    boolean fit(long nowNanos) {
        return probeFit && (tracker.spotless() || tracker.fit(nowNanos));
    }

    void admitted(long nowNanos) {
        tracker.admitted(nowNanos);
    }

    void responded(int status, long nowNanos) {
        tracker.responded(status, nowNanos);
        tell(nowNanos);
    }

    void ended(Outcome outcome, long nowNanos) {
        tracker.ended(outcome, nowNanos);
        tell(nowNanos);
    }

    boolean probeFit() {
        return probeFit;
    }

    void probed(boolean fit, long nowNanos) {
        if (fit) {
            tracker.risen();
        }
        probeFit = fit;
        tell(nowNanos);
    }

    private void tell(long nowNanos) {
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
        log.info("back end {} is {}", id, fit ? "fit again" : "unfit");
        listener.healthChanged(id, fit);
    }
}
