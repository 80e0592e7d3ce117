package dev.remora.netty;

import dev.remora.pool.BackendId;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections to back ends are open, idle ones and those that are being opened or closed included, on all event
 * loops together. Never more than the caps, whatever races. Thread-safe.
 */
final class ConnectionCaps {

    private final int perBackend;
    private final int inAll;
    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentMap<BackendId, Integer> open = new ConcurrentHashMap<>();

    /**
     * Caps.
     *
     * @param perBackend at least 1
     * @param inAll at least 1
     */
    ConnectionCaps(int perBackend, int inAll) {
        requirePositive("maxConnectionsPerBackend", perBackend);
        requirePositive("maxConnections", inAll);
        this.perBackend = perBackend;
        this.inAll = inAll;
    }

    /** Whether there are any caps at all. */
    boolean areSet() {
        return perBackend < Integer.MAX_VALUE || inAll < Integer.MAX_VALUE;
    }

    /** Whether a connection more may be opened; if so, it is counted. */
    boolean tryTake(BackendId backend) {
        if (all.getAndUpdate(count -> count < inAll ? count + 1 : count) >= inAll) {
            return false;
        }
        boolean[] taken = new boolean[1];
        open.compute(backend, (id, count) -> {
            int before = count == null ? 0 : count;
            taken[0] = before < perBackend;
            return taken[0] ? Integer.valueOf(before + 1) : count;
        });
        if (!taken[0]) {
            all.decrementAndGet();
        }
        return taken[0];
    }

    /** A connection that was counted is closed. */
    void giveBack(BackendId backend) {
        open.computeIfPresent(backend, (id, count) -> count == 1 ? null : count - 1);
        all.decrementAndGet();
    }

    /** Whether a back end has as many as it may, so that only one of its own can make room. */
    boolean isFull(BackendId backend) {
        return open.getOrDefault(backend, 0) >= perBackend;
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
