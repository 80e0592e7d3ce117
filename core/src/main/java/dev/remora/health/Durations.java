package dev.remora.health;

import java.time.Duration;

/** The lengths of time that can be configured: their nanoseconds, and small multiples of these, can be counted. */
final class Durations {

    private static final Duration LONGEST = Duration.ofDays(365);

    private Durations() {}

    static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0, at most 365 days)");
        }
    }
}
