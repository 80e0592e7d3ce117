package dev.remora.health;

import dev.remora.exchange.Outcome;

/**
 * What the traffic has shown of one back end. Thread-safe; no method blocks or reads a clock: the time is passed in, as
 * monotonic nanoseconds.
 *
 * <p>A stream may be judged up to three times, and each time it is told what it was judged before, so that it counts as
 * one failure at most: when its response head arrives, when it stalls, and when it ends.
 */
public interface HealthTracker {

    /** Whether the back end has been without fault so far, so that {@link #fit} need not be asked: one cheap read. */
    boolean spotless();

    /** Whether it may get a new stream now. */
    boolean fit(long nowNanos);

    /** A stream was just given to it. */
    void admitted(long nowNanos);

    /**
     * It began to answer. The verdict on a stream that lasts an hour must not wait for its end.
     *
     * @param failure whether the status is a failure, by {@link HealthPolicy#isFailure}; one that only asks for less
     *     traffic is none
     */
    void responded(int status, boolean failure, long nowNanos);

    /** An open stream that had begun to answer has been silent for too long. Told once for a stream at most. */
    default void stalled(long nowNanos) {}

    /** A stream that had stalled goes on. */
    default void recovered() {}

    /** Its probes, which had found it unfit, find it fit again: what was before says nothing any more. */
    void risen();

    /**
     * A stream on it ended.
     *
     * @param before what the stream was judged while it was open
     */
    void ended(Outcome outcome, Verdict before, long nowNanos);

    /** What a stream has been judged so far. */
    enum Verdict {
        /** Nothing: it had no response head. */
        NONE,
        /** Its response head was no failure, and it has not stalled. */
        GOOD,
        /** Its response head was a failure, or it has stalled. */
        BAD
    }
}
