package dev.remora.strategy;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;

/** The least load per weight among all members, which a pick looks at one by one. Ties are shared by weight. */
final class LeastConnections implements Picker {

    private static final int LARGEST_SCAN = 64;
    private static final int CHOICES_OF_LARGE_POOLS = 4;
    private static final int STEPS = 1 << 30;

    private final Node[] nodes;
    private final double[] weights;

    private LeastConnections(Snapshot snapshot) {
        this.nodes = snapshot.nodes().toArray(Node[]::new);
        this.weights = Weights.of(snapshot);
    }

    /** Exact while a look at all members is cheap. */
    static Picker of(Snapshot snapshot) {
        return snapshot.size() <= LARGEST_SCAN
                ? new LeastConnections(snapshot)
                : new PowerOfChoices(snapshot, CHOICES_OF_LARGE_POOLS);
    }

    @Override
    public int pick(PickContext context) {
        int best = NONE;
        double bestLoad = 0;
        double tiedWeights = 0;
        for (int i = 0; i < nodes.length; i++) {
            double load = nodes[i].load();
            double difference = best == NONE ? -1 : load * weights[best] - bestLoad * weights[i];
            if (difference > 0 || !context.eligible(i)) {
                continue;
            }
            tiedWeights = difference < 0 ? weights[i] : tiedWeights + weights[i];
            if (difference < 0 || context.random(STEPS) * tiedWeights < weights[i] * STEPS) {
                best = i;
                bestLoad = load;
            }
        }
        return best;
    }
}
