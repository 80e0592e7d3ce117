package dev.remora.strategy;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;

/**
 * The power of a few choices. All draws follow the weights, so an idle pool is shared by weight; of distinct eligible
 * members the one with the least load per weight is taken, on a tie the one drawn first.
 */
final class PowerOfChoices implements Picker {

    static final int MOST_CHOICES = 4;

    private final Node[] nodes;
    private final double[] weights;
    private final Draws draws;
    private final int choices;

    /**
     * Prepares picks among the members of a snapshot.
     *
     * @param choices 2 to {@link #MOST_CHOICES}
     */
    PowerOfChoices(Snapshot snapshot, int choices) {
        this.nodes = snapshot.nodes().toArray(Node[]::new);
        this.weights = Weights.of(snapshot);
        this.draws = new Draws(snapshot, weights);
        this.choices = Math.min(choices, nodes.length);
    }

    @Override
    public int pick(PickContext context) {
        if (choices < 2) {
            return choices == 1 && context.eligible(0) ? 0 : NONE;
        }
        long bits = context.randomBits();
        int first = draws.any((int) (bits >>> 32));
        if (!context.eligible(first)) {
            first = draws.eligible(context);
            if (first == NONE) {
                return NONE;
            }
        }
        int second = draws.any((int) bits);
        if (second == first || !context.eligible(second)) {
            second = draws.eligible(context, first, NONE, NONE);
            if (second == NONE) {
                return first;
            }
        }
        int best = lighter(first, second);
        return choices == 2 ? best : lightest(context, first, second, best);
    }

    private int lightest(PickContext context, int first, int second, int best) {
        int third = draws.eligible(context, first, second, NONE);
        if (third == NONE) {
            return best;
        }
        int lightest = lighter(best, third);
        if (choices == 3) {
            return lightest;
        }
        int fourth = draws.eligible(context, first, second, third);
        return fourth == NONE ? lightest : lighter(lightest, fourth);
    }

    // Load per weight is compared without divisions, and without a branch, which would be foreseen wrongly half of the
    // time: the bits of numbers from 0 up are in the order of the numbers.
    private int lighter(int one, int other) {
        long ofOne = Double.doubleToRawLongBits(nodes[one].load() * weights[other]);
        long ofOther = Double.doubleToRawLongBits(nodes[other].load() * weights[one]);
        int otherIsLighter = (int) ((ofOther - ofOne) >> 63);
        return one ^ ((one ^ other) & otherIsLighter);
    }
}
