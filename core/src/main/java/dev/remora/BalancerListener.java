package dev.remora;

import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;

/**
 * Sees what happens: the source of metrics and logs. Called on request threads and on the balancer's own, so it is
 * thread-safe and does not block. What it throws is logged and changes nothing.
 */
public interface BalancerListener {

    /** A stream was opened on a back end. */
    default void picked(Backend backend, PickReason reason) {}

    /** A request got no back end. */
    default void refused(Refusal refusal) {}

    /**
     * A back end began to answer.
     *
     * @param status the response's status
     * @param waitedNanos from the pick to the response head, in nanoseconds
     */
    default void responded(Backend backend, int status, long waitedNanos) {}

    /**
     * A stream ended.
     *
     * @param openNanos from the pick to the end, in nanoseconds
     * @param bytes as told by {@link Lease#streamed}
     * @param events as told by {@link Lease#event}
     */
    default void ended(Backend backend, Outcome outcome, long openNanos, long bytes, long events) {}

    /** A back end became fit or unfit. Told once for each change. */
    default void healthChanged(BackendId backend, boolean fit) {}

    /**
     * An open stream was asked to end. It may have been asked before, less urgently.
     *
     * @param request why and how
     */
    default void endRequested(Backend backend, EndRequest request) {}

    /** A back end that drains has no open stream any more. */
    default void drained(BackendId backend) {}

    /**
     * The members of the pool, or their weights, changed.
     *
     * @param version rises with every change
     * @param size how many members there are now
     */
    default void membershipChanged(long version, int size) {}
}
