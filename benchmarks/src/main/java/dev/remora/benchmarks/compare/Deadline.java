package dev.remora.benchmarks.compare;

import java.time.Duration;

/** A moment after which nothing new is begun. */
final class Deadline {

    private final long start = System.nanoTime();
    private final long nanos;

    private Deadline(Duration time) {
        this.nanos = time.toNanos();
    }

    static Deadline in(Duration time) {
        return new Deadline(time);
    }

    boolean over() {
        return System.nanoTime() - start >= nanos;
    }

    /** The time since the beginning. */
    Duration passed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
