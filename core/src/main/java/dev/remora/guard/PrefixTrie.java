package dev.remora.guard;

import static dev.remora.guard.Prefix.STRIDE;

import java.util.Arrays;
import java.util.List;

/**
 * Finds out whether an address begins with one of many prefixes. A trie that reads four bits at a time, with one
 * {@code long} for each node and the children of a node side by side, as in Tree Bitmap (Eatherton, Varghese and Dittia
 * 2004). Immutable and thread-safe.
 *
 * <pre>{@code
 *  63            32 31        16 15         0
 * | first child    | children   | full       |   a branch
 * | prefix         | 0                       |   a leaf
 * }</pre>
 *
 * <p>Bit d of {@code full} says that whatever goes on with d is in the set; bit d of {@code children} that it depends on
 * what follows. The child for d is as many places behind the first as there are children for lower d. Where only one
 * prefix is left, a leaf stands for the rest of the way.
 */
final class PrefixTrie {

    // Of each prefix its bits and which of them count, first of the upper half and then of the lower one.
    private static final int LONGS_PER_PREFIX = 4;

    private final long[] nodes;
    private final long[] prefixes;

    private PrefixTrie(long[] nodes, long[] prefixes) {
        this.nodes = nodes;
        this.prefixes = prefixes;
    }

    static PrefixTrie of(List<Prefix> prefixes) {
        Prefix[] sorted = prefixes.stream().sorted().toArray(Prefix[]::new);
        return new PrefixTrie(new Draft(sorted).nodes(), flat(sorted));
    }

    // Side by side, so that a leaf costs one read of memory and not two.
    private static long[] flat(Prefix[] sorted) {
        long[] flat = new long[sorted.length * LONGS_PER_PREFIX];
        for (int i = 0; i < sorted.length; i++) {
            int at = i * LONGS_PER_PREFIX;
            flat[at] = sorted[i].high();
            flat[at + 1] = sorted[i].highMask();
            flat[at + 2] = sorted[i].low();
            flat[at + 3] = sorted[i].lowMask();
        }
        return flat;
    }

    private boolean begins(int prefix, long high, long low) {
        int at = prefix * LONGS_PER_PREFIX;
        return ((high ^ prefixes[at]) & prefixes[at + 1]) == 0 && ((low ^ prefixes[at + 2]) & prefixes[at + 3]) == 0;
    }

    boolean contains(long high, long low) {
        if (prefixes.length == 0) {
            return false;
        }
        int node = 0;
        // It ends: the longest prefix is as long as an address, so the last branch has no children.
        for (int level = 0; ; level++) {
            long word = nodes[node];
            int next = (int) (word >>> 32);
            if ((int) word == 0) {
                return begins(next, high, low);
            }
            int bit = 1 << Prefix.digit(high, low, level);
            if ((word & bit) != 0) {
                return true;
            }
            int children = (int) word >>> 16;
            if ((children & bit) == 0) {
                return false;
            }
            node = next + Integer.bitCount(children & (bit - 1));
        }
    }

    /** Lays out the nodes, level by level, so that those which every look-up passes are close together. */
    private static final class Draft {

        private final Prefix[] sorted;

        // For each node its word once it is known, and until then which of the prefixes lie below it.
        private long[] nodes = new long[64];
        private int[] from = new int[64];
        private int[] to = new int[64];
        private int size;

        Draft(Prefix[] sorted) {
            this.sorted = sorted;
        }

        long[] nodes() {
            add(0, sorted.length);
            int node = 0;
            for (int level = 0; node < size; level++) {
                for (int end = size; node < end; node++) {
                    boolean isLeaf = level > 0 && to[node] - from[node] == 1;
                    // Known before the assignment, for a branch may replace the array.
                    long word = isLeaf ? (long) from[node] << 32 : branch(from[node], to[node], level);
                    nodes[node] = word;
                }
            }
            return Arrays.copyOf(nodes, size);
        }

        private long branch(int begin, int end, int level) {
            int firstChild = size;
            int full = 0;
            int children = 0;
            for (int i = begin; i < end; ) {
                int digit = sorted[i].digit(level);
                int open = STRIDE * (level + 1) - sorted[i].bits();
                int next = open >= 0 ? i + 1 : endOfDigit(i, end, level);
                if (open >= 0) {
                    // A prefix that ends in this stride takes all digits that differ in the open bits only.
                    full |= ((1 << (1 << open)) - 1) << digit;
                } else if ((full & 1 << digit) == 0) {
                    children |= 1 << digit;
                    add(i, next);
                }
                i = next;
            }
            return ((long) firstChild << 32) | ((children << 16 | full) & 0xffff_ffffL);
        }

        private int endOfDigit(int begin, int end, int level) {
            int i = begin + 1;
            while (i < end && sorted[i].digit(level) == sorted[begin].digit(level)) {
                i++;
            }
            return i;
        }

        private void add(int begin, int end) {
            if (size == nodes.length) {
                nodes = Arrays.copyOf(nodes, 2 * size);
                from = Arrays.copyOf(from, 2 * size);
                to = Arrays.copyOf(to, 2 * size);
            }
            from[size] = begin;
            to[size] = end;
            size++;
        }
    }
}
