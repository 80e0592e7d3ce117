package dev.remora;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The streams of all back ends together, counted only when there is a limit to them. Every stream passes this one word,
 * so that the limits hold exactly; a pool without limits is spared it.
 */
final class PoolLoad {

    private static final long OPEN = 1;
    private static final long PENDING = 1L << 32;

    private final int maxStreams;
    private final int maxPending;

    // Pending streams in the high half, open ones in the low half.
    private final AtomicLong streams = new AtomicLong();

    private PoolLoad(LoadLimits limits) {
        this.maxStreams = limits.streams();
        this.maxPending = limits.pending();
    }

    static Optional<PoolLoad> of(LoadLimits limits) {
        return limits.concernPool() ? Optional.of(new PoolLoad(limits)) : Optional.empty();
    }

    boolean full() {
        return full(streams.get());
    }

    /** Counts a pending stream in, unless that would exceed a limit. */
    boolean tryEnter() {
        long seen = streams.get();
        while (!full(seen)) {
            long found = streams.compareAndExchange(seen, seen + OPEN + PENDING);
            if (found == seen) {
                return true;
            }
            seen = found;
        }
        return false;
    }

    /** A stream got its response. */
    void responded() {
        streams.getAndAdd(-PENDING);
    }

    /** Counts a stream out. */
    void leave(boolean stillPending) {
        streams.getAndAdd(stillPending ? -OPEN - PENDING : -OPEN);
    }

    private boolean full(long word) {
        return (int) word >= maxStreams || (int) (word >>> 32) >= maxPending;
    }
}
