package dev.remora.strategy;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;

/** The weights of a snapshot's members, read once: a picker lives with the weights it was made for. */
final class Weights {

    private Weights() {}

    /**
     * The weight of each member, in the order of the snapshot.
     *
     * @throws IllegalArgumentException if one is not a finite number above 0
     */
    static double[] of(Snapshot snapshot) {
        double[] weights = new double[snapshot.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = of(snapshot.node(i));
        }
        return weights;
    }

    private static double of(Node node) {
        double weight = node.weight();
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "weight of " + node.backend().id() + ": " + weight + " (expected: a finite number above 0)");
        }
        return weight;
    }
}
