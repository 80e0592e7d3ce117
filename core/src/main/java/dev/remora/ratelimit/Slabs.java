package dev.remora.ratelimit;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Units that were taken from a bucket in advance, a few for each group of threads, so that threads which take one after the other do
 * not all write the same word. Each cell lies in cache lines of its own.
 *
 * <p>What holds: a cell never has more than a slab, and nothing is taken from one that is closed.
 */
final class Slabs {

    /** How many cells there are: a power of two, enough for the processors, and at most 8. */
    static final int STRIPES =
            Math.min(8, Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() - 1));

    private static final int PADDING = 16;
    private static final long CLOSED = -1;

    private final AtomicLongArray cells = new AtomicLongArray((STRIPES + 1) * PADDING);

    /** Takes units from the cell of this thread, if they are there. */
    boolean take(long units) {
        return take(cell(), units);
    }

    private boolean take(int cell, long units) {
        long seen = cells.get(cell);
        while (seen >= units) {
            long swapped = cells.compareAndExchange(cell, seen, seen - units);
            if (swapped == seen) {
                return true;
            }
            seen = swapped;
        }
        return false;
    }

    /** Takes units from the cell of any thread. */
    boolean takeAnywhere(long units) {
        for (int i = 1; i <= STRIPES; i++) {
            if (take(i * PADDING, units)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Puts units in the cell of this thread that were just taken from the bucket.
     *
     * @return whether there was room for them
     */
    boolean put(long units, long slab) {
        int cell = cell();
        long seen = cells.get(cell);
        return seen != CLOSED && seen + units <= slab && cells.compareAndSet(cell, seen, seen + units);
    }

    /**
     * Closes all cells.
     *
     * @return how many units were left in them
     */
    long close() {
        long left = 0;
        for (int i = 1; i <= STRIPES; i++) {
            left += Math.max(0, cells.getAndSet(i * PADDING, CLOSED));
        }
        return left;
    }

    private static int cell() {
        long mixed = Thread.currentThread().getId() * 0x9e3779b97f4a7c15L;
        return (1 + (int) (mixed >>> 32 & (STRIPES - 1))) * PADDING;
    }
}
