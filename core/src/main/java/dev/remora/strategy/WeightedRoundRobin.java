package dev.remora.strategy;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
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
    // Goes past Integer.MAX_VALUE into the negatives and around: it is always read as unsigned.
    private final AtomicInteger sequence;

    WeightedRoundRobin(Snapshot snapshot) {
        this(snapshot, 0);
    }

    WeightedRoundRobin(Snapshot snapshot, int firstTurn) {
        double heaviest =
                snapshot.nodes().stream().mapToDouble(Node::weight).max().orElse(1);
        this.strides = snapshot.nodes().stream()
                .mapToInt(node -> (int) Math.max(1, Math.round(node.weight() / heaviest * FULL_STRIDE)))
                .toArray();
        this.unevenPool = new WeightedScan(snapshot);
        this.sequence = new AtomicInteger(firstTurn);
    }

    @Override
    public int pick(PickContext context) {
        int size = strides.length;
        // While the heaviest member is eligible it is met within one round. When it is not, the others may pass for
        // many
        // rounds: the scan then draws among them in proportion to their weights.
        for (int turns = 0; turns < 2 * size; turns++) {
            int turn = sequence.getAndIncrement();
            int index = Integer.remainderUnsigned(turn, size);
            if (takes(index, Integer.divideUnsigned(turn, size)) && context.eligible(index)) {
                return index;
            }
        }
        return unevenPool.pick(context);
    }

    private boolean takes(int index, int round) {
        long stride = strides[index];
        long position = (stride * Integer.toUnsignedLong(round) + OFFSET * index) % FULL_STRIDE;
        return position >= FULL_STRIDE - stride;
    }
}
