package dev.remora.health;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the traffic has shown of one pool. Thread-safe; no method blocks or reads a clock: the time is passed in, as
 * monotonic nanoseconds.
 */
public interface HealthMonitor {

    /** Makes the tracker of one back end, which lives as long as the back end's id is in the pool or has open streams. */
    HealthTracker tracker();

    /** The members are these from now on: trackers that this monitor has made. */
    default void members(List<HealthTracker> members) {}

    /** From one {@link #evaluate} to the next; zero, as by default, if there is nothing to evaluate. */
    default Duration interval() {
        return Duration.ZERO;
    }

    /** Compares the members. Called by one thread at a time, while outcomes are recorded by others. */
    default void evaluate(long nowNanos) {}

    /** When an open stream counts as stalled; empty, as by default, if nobody shall look. Needs an {@link #interval}. */
    default Optional<StallRule> stalls() {
        return Optional.empty();
    }

    /** Judges each back end without a look at the others. */
    static HealthMonitor eachAlone(Supplier<HealthTracker> trackers) {
        return trackers::get;
    }
}
