package dev.remora.strategy;

import static dev.remora.strategy.Picker.NONE;

import dev.remora.pool.Snapshot;

/** Random draws of eligible members in proportion to their weights, each one at most once per pick. Immutable. */
final class Draws {

    private static final int TRIES = 8;

    private final AliasTable table;
    private final WeightedScan scan;

    /**
     * Prepares draws from the members of a snapshot.
     *
     * @param weights the weight of each member
     */
    Draws(Snapshot snapshot, double[] weights) {
        this.table = new AliasTable(weights);
        this.scan = new WeightedScan(snapshot);
    }

    /** The member that 32 random bits stand for, eligible or not. There must be members. */
    int any(int bits) {
        return table.draw(bits);
    }

    /** An eligible member other than three that were drawn before, or {@link Picker#NONE}; NONE among the three is nobody. */
    int eligible(PickContext context, int first, int second, int third) {
        for (int i = 0; i < TRIES; i++) {
            int index = any((int) (context.randomBits() >>> 32));
            if (index != first && index != second && index != third && context.eligible(index)) {
                return index;
            }
        }
        // Few members are eligible, or those drawn before are so heavy that they were met again each time.
        return scan.pickExcept(context, first, second, third);
    }

    int eligible(PickContext context) {
        return eligible(context, NONE, NONE, NONE);
    }
}
