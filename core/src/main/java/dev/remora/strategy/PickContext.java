package dev.remora.strategy;

import java.net.InetAddress;

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
     * The affinity key itself, for strategies that hash it their own way; empty when there is no key. A key longer than
     * 8,192 characters is a digest of it. It is chosen by the client and may be a secret: not for logs.
     */
    String key();

    /** The client's address, after trusted proxies have been looked through. */
    InetAddress clientAddress();

    /** 64 random bits. */
    long randomBits();

    /**
     * A random number.
     *
     * @param bound at least 1
     * @return 0 to {@code bound - 1}
     */
    default int random(int bound) {
        return (int) (((randomBits() >>> 32) * bound) >>> 32);
    }

    /** A reading of the clock that {@link dev.remora.pool.Node#firstByteNanos} is asked with. */
    long nanos();
}
