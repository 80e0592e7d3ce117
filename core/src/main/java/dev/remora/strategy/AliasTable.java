package dev.remora.strategy;

import java.util.Arrays;

/**
 * Draws an index in proportion to weights in constant time (Walker's alias method, built as Vose describes, 1991).
 * Immutable.
 */
final class AliasTable {

    private static final int STEPS = 1 << 30;

    // A draw lands on a column; below the threshold it is that column's own index, else the alias.
    private final int[] thresholds;
    private final int[] aliases;

    AliasTable(double[] weights) {
        int size = weights.length;
        this.thresholds = new int[size];
        this.aliases = new int[size];
        double total = Arrays.stream(weights).sum();
        double[] scaled =
                Arrays.stream(weights).map(weight -> weight * size / total).toArray();
        int[] small = new int[size];
        int[] large = new int[size];
        int smalls = 0;
        int larges = 0;
        for (int i = 0; i < size; i++) {
            if (scaled[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        Arrays.fill(thresholds, STEPS);
        while (smalls > 0 && larges > 0) {
            int less = small[--smalls];
            int more = large[larges - 1];
            thresholds[less] = (int) Math.round(scaled[less] * STEPS);
            aliases[less] = more;
            scaled[more] -= 1 - scaled[less];
            if (scaled[more] < 1) {
                larges--;
                small[smalls++] = more;
            }
        }
    }

    int draw(PickContext chance) {
        int column = chance.random(thresholds.length);
        int threshold = thresholds[column];
        return threshold == STEPS || chance.random(STEPS) < threshold ? column : aliases[column];
    }
}
