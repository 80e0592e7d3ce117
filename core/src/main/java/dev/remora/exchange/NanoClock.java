package dev.remora.exchange;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** A monotonic clock. Its origin is arbitrary: only differences of two readings mean anything. Thread-safe. */
@FunctionalInterface
public interface NanoClock {

    /** The present reading in nanoseconds; it may be negative and wraps around after 292 years. */
    long nanos();

    /**
     * A clock that is read in a nanosecond, because it shows what another one showed at the last tick: it is late by a tick, and by
     * as much as the scheduler is late. A token bucket on it admits at most what passes in a tick too much in any stretch of time.
     * Most of what a limit costs is the reading of the clock.
     *
     * @param tick above 0, at most a second; a millisecond is usual
     * @param scheduler ticks for as long as somebody holds the clock; never shut down here
     */
    static NanoClock coarse(Duration tick, ScheduledExecutorService scheduler) {
        return CoarseClock.of(system(), tick, scheduler);
    }

    /** The clock of this JVM, {@link System#nanoTime()}. */
    static NanoClock system() {
        return System::nanoTime;
    }
}
