package dev.remora.strategy;

import dev.remora.pool.Snapshot;
import java.util.Arrays;

/**
 * All members in configured order on one line, each as long as its configured weight: how nginx turns a number into a
 * server. Unfit members keep their place. A warming member has its full length, since a line that grows would move nearly
 * all keys at every step; nginx's own {@code slow_start} excludes the hash methods too.
 */
final class WeightLine {

    /** How many places nginx looks at before it gives the request to round robin. */
    static final int TRIES = 21;

    // ends[i] is where member i ends and the next one begins.
    private final long[] ends;

    WeightLine(Snapshot snapshot) {
        this.ends = new long[snapshot.size()];
        long end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += snapshot.node(i).backend().weight();
            ends[i] = end;
        }
    }

    /** Whether there are at least two members, so that there is a choice. */
    boolean choice() {
        return ends.length > 1;
    }

    /**
     * The member at a number modulo the length of the line.
     *
     * @param number at least 0
     */
    int memberAt(long number) {
        int found = Arrays.binarySearch(ends, number % ends[ends.length - 1]);
        return found < 0 ? -found - 1 : found + 1;
    }
}
