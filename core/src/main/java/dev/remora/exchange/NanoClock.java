package dev.remora.exchange;

/** A monotonic clock. Its origin is arbitrary: only differences of two readings mean anything. Thread-safe. */
@FunctionalInterface
public interface NanoClock {

    /** The present reading in nanoseconds; it may be negative and wraps around after 292 years. */
    long nanos();

    /** The clock of this JVM, {@link System#nanoTime()}. */
    static NanoClock system() {
        return System::nanoTime;
    }
}
