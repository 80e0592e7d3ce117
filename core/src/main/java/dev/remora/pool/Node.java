package dev.remora.pool;

/**
 * A back end as a picker sees it: its description and its live numbers.
 *
 * <p>The numbers change while they are read. Each one alone is a value that was true a moment ago; two of them need
 * not belong together. Thread-safe.
 */
public interface Node {

    /** The description that belongs to this snapshot. */
    Backend backend();

    /** Streams that are open now, waiting and streaming ones alike; at least 0. */
    int openStreams();

    /** Open streams whose response has not begun yet; at least 0. */
    int waitingStreams();

    /** The sum of the costs of all open streams; at least 0. A stream costs 1 unless its lease says otherwise. */
    double load();

    /** A moving average of the time from pick to response head, in nanoseconds; 0 before the first response. */
    long firstByteNanos();

    /** Its share of new streams at this moment: the configured weight unless the back end is warming up; above 0. */
    default double weight() {
        return backend().weight();
    }
}
