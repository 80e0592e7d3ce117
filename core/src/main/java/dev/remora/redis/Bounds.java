package dev.remora.redis;

import java.time.Duration;

/** The bounds of settings. Stateless. */
final class Bounds {

    private Bounds() {}

    static Duration within(String name, Duration duration, Duration least, Duration most) {
        if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + ": " + duration + " (expected: " + least + " to " + most + ")");
        }
        return duration;
    }

    static int atLeastOne(String name, int number) {
        if (number < 1) {
            throw new IllegalArgumentException(name + ": " + number + " (expected: >= 1)");
        }
        return number;
    }
}
