package dev.remora.strategy;

import dev.remora.pool.Snapshot;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The static stride scheduler of gRPC's weighted round robin. A sequence number names a member and a round; the heaviest
 * member takes a stream in every round, one of half its weight in every other round, and so on. An offset for each
 * member spreads the rounds in which members pass.
 */
final class WeightedRoundRobin implements Picker {

    /** The stride of the heaviest member; a member lighter than a 65,535th of it counts as that. */
    private static final int FULL_STRIDE = 65_535;

    private static final long OFFSET = FULL_STRIDE / 2;

    private final int[] strides;
    private final Picker unevenPool;
    // Shared with the pickers of the memberships before and after. It goes past Integer.MAX_VALUE into the negatives
    // and around: it is always read as unsigned.
    private final AtomicInteger sequence;

    WeightedRoundRobin(Snapshot snapshot, AtomicInteger sequence) {
        double[] weights = Weights.of(snapshot);
        double heaviest = Arrays.stream(weights).max().orElse(1);
        this.strides = Arrays.stream(weights)
                .mapToInt(weight -> (int) Math.max(1, Math.round(weight / heaviest * FULL_STRIDE)))
                .toArray();
        this.unevenPool = new WeightedScan(snapshot);
        this.sequence = sequence;
    }

    @Override
    public int pick(PickContext context) {
        int size = strides.length;
        // While the heaviest member is eligible it is met within one round. When it is not, the others may pass for
        // many rounds: the scan then draws among them in proportion to their weights.
        for (int turns = 0; turns < 2 * size; turns++) {
            long turn = Integer.toUnsignedLong(sequence.getAndIncrement());
            long round = turn / size;
            int index = (int) (turn - round * size);
            if (takes(index, round) && context.eligible(index)) {
                return index;
            }
        }
        return unevenPool.pick(context);
    }

    private boolean takes(int index, long round) {
        long stride = strides[index];
        long position = (stride * round + OFFSET * index) % FULL_STRIDE;
        return position >= FULL_STRIDE - stride;
    }

    /** Goes on with the sequence when the membership changes: a pool that changes often would else stay at its head. */
    static final class InTurn implements Strategy {

        @Override
        public Picker picker(Snapshot snapshot) {
            return new WeightedRoundRobin(snapshot, new AtomicInteger());
        }

        @Override
        public Picker updated(Picker before, Snapshot snapshot) {
            return new WeightedRoundRobin(snapshot, ((WeightedRoundRobin) before).sequence);
        }
    }
}
