package dev.remora.health;

import dev.remora.exchange.Outcome;

/**
 * What the traffic has shown of one back end. Thread-safe; no method blocks or reads a clock: the time is passed in, as
 * monotonic nanoseconds.
 */
public interface HealthTracker {

    /** Whether the back end has been without fault so far, so that {@link #fit} need not be asked: one cheap read. */
    boolean spotless();

    /** Whether it may get a new stream now. */
    boolean fit(long nowNanos);

    /** A stream was just given to it. */
    void admitted(long nowNanos);

    /** It began to answer with this status. The verdict on a stream that lasts an hour must not wait for its end. */
    void responded(int status, long nowNanos);

    /** Its probes, which had found it unfit, find it fit again: what was before says nothing any more. */
    void risen();

    /** A stream on it ended. */
    void ended(Outcome outcome, long nowNanos);
}
