package dev.remora.strategy;

import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The members of a snapshot as rendezvous hashing sees them: a seed from each id, and the weights of that moment. Each
 * contest between them (for a key, for a slot) draws a number for each member; the exponentially distributed time
 * {@code -ln(1 - draw) / weight} is what the member costs there, and the least cost wins: each member in proportion to
 * its weight. Immutable.
 */
final class Contenders {

    // So far apart that no cost is infinite; a weight beyond counts as that.
    private static final double MIN_WEIGHT = 1e-100;
    private static final double MAX_WEIGHT = 1e100;

    // More than all rounding together.
    private static final double MARGIN = 1 + 0x1.0p-40;

    private final BackendId[] ids;
    private final double[] weights;
    private final long[] seeds;
    // Of 52 bits, what a member must not reach by drawing if it is to cost less than 1.
    private final double[] reaches;
    private final double totalWeight;

    /** Reads ids and weights once. */
    Contenders(Snapshot snapshot) {
        this.ids = snapshot.nodes().stream().map(node -> node.backend().id()).toArray(BackendId[]::new);
        this.weights = Arrays.stream(Weights.of(snapshot))
                .map(weight -> Math.min(MAX_WEIGHT, Math.max(MIN_WEIGHT, weight)))
                .toArray();
        this.seeds = Arrays.stream(ids).mapToLong(Contenders::seed).toArray();
        this.reaches =
                Arrays.stream(weights).map(weight -> weight * MARGIN * 0x1.0p52).toArray();
        this.totalWeight = Arrays.stream(weights).sum();
    }

    int size() {
        return ids.length;
    }

    BackendId id(int index) {
        return ids[index];
    }

    double weight(int index) {
        return weights[index];
    }

    double totalWeight() {
        return totalWeight;
    }

    /** A random number that belongs to the member's id. */
    long seed(int index) {
        return seeds[index];
    }

    /** The place of each member. */
    Map<BackendId, Integer> places() {
        Map<BackendId, Integer> places = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            places.put(ids[i], i);
        }
        return places;
    }

    /** Whether the other ones have the same ids and weights at the same places. */
    boolean sameAs(Contenders other) {
        return Arrays.equals(ids, other.ids) && Arrays.equals(weights, other.weights);
    }

    /** The eligible member with the least cost for a key, or {@link Picker#NONE}. Looks at all members. */
    int first(long key, PickContext context) {
        int best = Picker.NONE;
        double bestCost = Double.POSITIVE_INFINITY;
        for (int i = 0; i < seeds.length; i++) {
            long bits = bits(key, i);
            // What cost() would find out too, sooner.
            if (bits < bestCost * reaches[i]) {
                double cost = cost(fraction(bits), i, bestCost);
                if (precedes(cost, i, bestCost, best) && context.eligible(i)) {
                    best = i;
                    bestCost = cost;
                }
            }
        }
        return best;
    }

    /** What the member draws for a key: above 0, below 1. */
    double draw(long key, int index) {
        return fraction(bits(key, index));
    }

    private long bits(long key, int index) {
        return Bits.mix(key ^ seeds[index]) >>> 12;
    }

    /** The number above 0 and below 1 that 52 bits stand for; one minus it is exact. */
    static double fraction(long bits52) {
        return (bits52 + 0.5) * 0x1.0p-52;
    }

    /**
     * The cost of a member.
     *
     * @param limit a cost above it need not be told exactly: it may be told as infinite. As {@code -ln(1 - draw)} is
     *     never below {@code draw}, most members that lose need no logarithm.
     */
    double cost(double draw, int index, double limit) {
        double weight = weights[index];
        if (draw >= limit * weight * MARGIN) {
            return Double.POSITIVE_INFINITY;
        }
        return -Logarithm.of(1 - draw) / weight;
    }

    /** Whether a cost beats the best one so far; of equal ones the smaller id's does. */
    boolean precedes(double cost, int index, double bestCost, int best) {
        return cost < bestCost || (cost == bestCost && best >= 0 && ids[index].compareTo(ids[best]) < 0);
    }

    private static long seed(BackendId id) {
        long h = 0xcbf29ce484222325L;
        for (byte b : id.value().getBytes(StandardCharsets.US_ASCII)) {
            h = (h ^ (b & 0xff)) * 0x100000001b3L;
        }
        return Bits.mix(h);
    }
}
