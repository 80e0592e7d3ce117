package dev.remora.health;

import java.time.Duration;

/** How the outcomes of real streams tell whether a back end is fit. It makes one {@link HealthTracker} per back end. */
@FunctionalInterface
public interface HealthPolicy {

    /** Makes the tracker of one back end, which lives as long as the back end's id is in the pool. */
    HealthTracker tracker();

    /** Outcomes never make a back end unfit. */
    static HealthPolicy none() {
        return AlwaysFit::new;
    }

    /**
     * nginx's {@code max_fails} and {@code fail_timeout}: so many failures within a time make a back end unfit for that
     * time. Then one request tries it again: its success clears the failures, its failure makes the back end unfit for
     * another such time. A cancelled stream counts neither way, nor does a response that breaks off or falls silent after
     * it has begun. Probes that find it fit again, having found it unfit, clear the failures too.
     *
     * @param maxFails at least 1; nginx's default is 1
     * @param failTimeout above 0; nginx's default is 10 s
     */
    static HealthPolicy maxFails(int maxFails, Duration failTimeout) {
        if (maxFails < 1) {
            throw new IllegalArgumentException("maxFails: " + maxFails + " (expected: >= 1)");
        }
        if (failTimeout.isNegative() || failTimeout.isZero()) {
            throw new IllegalArgumentException("failTimeout: " + failTimeout + " (expected: > 0)");
        }
        return () -> new MaxFailsTracker(maxFails, failTimeout.toNanos());
    }
}
