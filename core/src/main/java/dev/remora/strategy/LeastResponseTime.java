package dev.remora.strategy;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
import java.util.Arrays;

/**
 * Of two distinct eligible members drawn by weight, the one with the shorter expected wait: its time to the first byte
 * lately, times the streams that share it, times its error penalty.
 *
 * <p>Its load is divided by its weight relative to the mean weight, so that load means the same whatever numbers the
 * weights are written in, and an idle pool whose members answer alike is shared by weight.
 */
final class LeastResponseTime implements Picker {

    /** Below this, one back end answers as fast as another, or both have been silent for long: load decides then. */
    private static final double NEGLIGIBLE_NANOS = 100_000;

    private final Node[] nodes;
    private final double[] shares;
    private final Draws draws;

    LeastResponseTime(Snapshot snapshot) {
        double[] weights = Weights.of(snapshot);
        double mean = Arrays.stream(weights).average().orElse(1);
        this.nodes = snapshot.nodes().toArray(Node[]::new);
        this.shares = Arrays.stream(weights).map(weight -> weight / mean).toArray();
        this.draws = new Draws(snapshot, weights);
    }

    @Override
    public int pick(PickContext context) {
        if (nodes.length < 2) {
            return nodes.length == 1 && context.eligible(0) ? 0 : NONE;
        }
        int first = draws.eligible(context);
        int second = first == NONE ? NONE : draws.eligible(context, first, NONE, NONE);
        return second == NONE ? first : sooner(first, second, context.nanos());
    }

    private int sooner(int first, int second, long now) {
        long firstWait = nodes[first].firstByteNanos(now);
        long secondWait = nodes[second].firstByteNanos(now);
        // Who has not answered yet is measured by load alone, and so gets its share and is soon known.
        boolean known = firstWait > 0 && secondWait > 0;
        double one = known ? firstWait + NEGLIGIBLE_NANOS : 1;
        double other = known ? secondWait + NEGLIGIBLE_NANOS : 1;
        return one * pressure(first, second, now) <= other * pressure(second, first, now) ? first : second;
    }

    // (1 + load / share) * penalty, multiplied by both shares instead of divided by one.
    private double pressure(int index, int rival, long now) {
        Node node = nodes[index];
        return (shares[index] + node.load()) * shares[rival] * node.errorPenalty(now);
    }
}
