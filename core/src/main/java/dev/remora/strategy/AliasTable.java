package dev.remora.strategy;

import java.util.Arrays;

/**
 * Draws an index in proportion to weights in constant time (Walker's alias method, built as Vose describes, 1991). A
 * draw costs 32 random bits, one multiplication and one look into the table. Shares are exact to about
 * 2<sup>-32</sup>. Immutable.
 */
final class AliasTable {

    private static final double STEPS = 0x1.0p32;
    private static final long LOW_HALF = 0xffff_ffffL;

    // One column per index. High half: the threshold, as an unsigned fraction of 2^32. Low half: the alias. A column
    // that has no alias names itself.
    private final long[] columns;

    // Then all columns are their own, and need not be looked at.
    private final boolean equalWeights;

    AliasTable(double[] weights) {
        int size = weights.length;
        this.columns = new long[size];
        this.equalWeights = Arrays.stream(weights).allMatch(weight -> weight == weights[0]);
        double total = Arrays.stream(weights).sum();
        double[] scaled =
                Arrays.stream(weights).map(weight -> weight / total * size).toArray();
        int[] small = new int[size];
        int[] large = new int[size];
        int smalls = 0;
        int larges = 0;
        for (int i = 0; i < size; i++) {
            columns[i] = i;
            if (scaled[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        while (smalls > 0 && larges > 0) {
            int less = small[--smalls];
            int more = large[larges - 1];
            columns[less] = Math.min((long) (scaled[less] * STEPS), LOW_HALF) << 32 | more;
            scaled[more] -= 1 - scaled[less];
            if (scaled[more] < 1) {
                larges--;
                small[smalls++] = more;
            }
        }
    }

    /**
     * The index that 32 random bits stand for. Of their product with the number of columns, the high half is a column and
     * the low half is how far into that column they point.
     */
    int draw(int bits) {
        long product = Integer.toUnsignedLong(bits) * columns.length;
        int column = (int) (product >>> 32);
        if (equalWeights) {
            return column;
        }
        long entry = columns[column];
        // Every bit is set below the threshold, none above: a branch would be foreseen wrongly half of the time.
        int below = (int) (((product & LOW_HALF) - (entry >>> 32)) >> 63);
        int alias = (int) entry;
        return alias ^ ((alias ^ column) & below);
    }
}
