package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/**
 * One random draw among the eligible members, in proportion to their weights, by looking at all of them: what the
 * faster pickers fall back on when their draws meet too few eligible members.
 */
record WeightedScan(Snapshot snapshot) implements Picker {

    private static final int STEPS = 1 << 30;

    @Override
    public int pick(PickContext context) {
        return pickExcept(context, NONE, NONE, NONE);
    }

    /** Leaves up to three members out; NONE among the three is nobody. */
    int pickExcept(PickContext context, int first, int second, int third) {
        // Reservoir sampling: each eligible member replaces the one before with the probability of its weight among all
        // weights seen so far.
        int chosen = NONE;
        double total = 0;
        for (int i = 0; i < snapshot.size(); i++) {
            if (i != first && i != second && i != third && context.eligible(i)) {
                double weight = snapshot.node(i).weight();
                total += weight;
                if (chosen == NONE || context.random(STEPS) * total < weight * STEPS) {
                    chosen = i;
                }
            }
        }
        return chosen;
    }
}
