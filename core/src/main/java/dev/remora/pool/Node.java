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

    /**
     * How long a response head lets wait lately, in nanoseconds, counted from the pick: a moving average that follows a
     * rise at once and falls with time, without new responses too if nobody waits for one. A client that gives up after a
     * long wait counts as a slow response. 0 before the first response.
     *
     * @param nowNanos the present reading of the balancer's clock
     */
    long firstByteNanos(long nowNanos);

    /**
     * By how much recent errors should make a back end less wanted: each one doubles this number, ten good responses or a
     * few seconds halve it; 1 when all is well.
     *
     * @param nowNanos the present reading of the balancer's clock
     */
    double errorPenalty(long nowNanos);

    /** Its share of new streams at this moment: the configured weight unless the back end is warming up; above 0. */
    default double weight() {
        return backend().weight();
    }
}
