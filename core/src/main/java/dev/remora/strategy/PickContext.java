package dev.remora.strategy;

/** What a picker may know of the request it picks for. Valid during one call of the picker, on that thread. */
public interface PickContext {

    /**
     * Whether a member may be chosen now: fit, below its stream cap, not draining, and not tried before in this
     * request. The answer may change between two calls.
     *
     * @param index a place in the snapshot the picker was made for
     */
    boolean eligible(int index);

    /** Whether the request has an affinity key. */
    boolean keyed();

    /** A 64-bit hash of the affinity key, the same in every JVM; 0 when there is no key. */
    long keyHash();

    /**
     * A random number.
     *
     * @param bound at least 1
     * @return 0 to {@code bound - 1}
     */
    int random(int bound);
}
