package dev.remora.health;

import java.time.Duration;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * See {@link HealthPolicy#maxFails}.
 *
 * @param statusesCount whether a status that is a failure counts towards {@code fails}
 */
record MaxFails(int fails, Duration timeout, IntPredicate failures, boolean statusesCount) implements HealthPolicy {

    MaxFails {
        if (fails < 1) {
            throw new IllegalArgumentException("maxFails: " + fails + " (expected: >= 1)");
        }
        Durations.requirePositive("failTimeout", timeout);
    }

    @Override
    public HealthMonitor monitor(RandomGenerator random) {
        return HealthMonitor.eachAlone(() -> new MaxFailsTracker(fails, timeout.toNanos(), statusesCount));
    }

    @Override
    public boolean isFailure(int status) {
        return failures.test(status);
    }
}
