package dev.remora.health;

import java.time.Duration;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * How the outcomes of real streams tell whether a back end is fit. It makes one {@link HealthMonitor} per balancer, which
 * makes one {@link HealthTracker} per back end. Immutable and thread-safe.
 */
@FunctionalInterface
public interface HealthPolicy {

    /**
     * Makes the worker of one balancer.
     *
     * @param random where chance comes from; thread-safe
     */
    HealthMonitor monitor(RandomGenerator random);

    /**
     * Whether a response with this status is the back end's failure; 500 and above by default. A failure lengthens the
     * penalty that strategies see, whether or not it can make the back end unfit.
     */
    default boolean isFailure(int status) {
        return status >= 500;
    }

    /** Outcomes never make a back end unfit. */
    static HealthPolicy none() {
        return random -> HealthMonitor.eachAlone(AlwaysFit::new);
    }

    /**
     * nginx's {@code max_fails} and {@code fail_timeout}: so many failures within a time make a back end unfit for that
     * time. Then one request tries it again: its success clears the failures, its failure makes the back end unfit for
     * another such time. A cancelled stream counts neither way, nor does a response that breaks off or falls silent after
     * it has begun. No status counts. Probes that find it fit again, having found it unfit, clear the failures too.
     *
     * @param maxFails at least 1; nginx's default is 1
     * @param failTimeout above 0, at most 365 days; nginx's default is 10 s
     */
    static HealthPolicy maxFails(int maxFails, Duration failTimeout) {
        return new MaxFails(maxFails, failTimeout, status -> status >= 500, false);
    }

    /**
     * As {@link #maxFails(int, Duration)}, and some statuses count as failures, as with nginx's
     * {@code proxy_next_upstream http_502}.
     *
     * @param failures tells of a status whether it is a failure; thread-safe and quick
     */
    static HealthPolicy maxFails(int maxFails, Duration failTimeout, IntPredicate failures) {
        return new MaxFails(maxFails, failTimeout, failures, true);
    }

    /** Ejects the back end that fails in a row, or more than the others, for a time; see {@link OutlierDetection}. */
    static OutlierDetection outlierDetection() {
        return OutlierDetection.DEFAULT;
    }
}
