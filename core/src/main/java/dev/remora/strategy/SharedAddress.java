package dev.remora.strategy;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The members that are configured with the same host and port, nearly always one. Several take turns by weight in nginx's
 * smooth order, in which the turns of a heavy member are spread among those of the others.
 */
final class SharedAddress implements Picker {

    private final int[] turns;
    // Goes past Integer.MAX_VALUE into the negatives and around: it is always read as unsigned.
    private final AtomicInteger next = new AtomicInteger();

    /**
     * Creates the turns of some members.
     *
     * @param members their places in the snapshot, at least one
     */
    SharedAddress(Snapshot snapshot, int[] members) {
        this.turns = members.length == 1 ? members : smoothTurns(snapshot, members);
    }

    @Override
    public int pick(PickContext context) {
        if (turns.length == 1) {
            return context.eligible(turns[0]) ? turns[0] : NONE;
        }
        // Who cannot serve loses the turn: the order of the others stays, and so do their shares.
        for (int i = 0; i < turns.length; i++) {
            int index = turns[Integer.remainderUnsigned(next.getAndIncrement(), turns.length)];
            if (context.eligible(index)) {
                return index;
            }
        }
        return anyEligible(context);
    }

    // Other threads took all turns of the only ones that can serve.
    private int anyEligible(PickContext context) {
        for (int index : turns) {
            if (context.eligible(index)) {
                return index;
            }
        }
        return NONE;
    }

    private static int[] smoothTurns(Snapshot snapshot, int[] members) {
        int[] weights = new int[members.length];
        int divisor = 0;
        int total = 0;
        for (int i = 0; i < members.length; i++) {
            Node node = snapshot.node(members[i]);
            weights[i] = node.backend().weight();
            divisor = gcd(weights[i], divisor);
            total += weights[i];
        }
        int[] turns = new int[total / divisor];
        int[] credits = new int[members.length];
        for (int turn = 0; turn < turns.length; turn++) {
            int best = 0;
            for (int i = 0; i < members.length; i++) {
                credits[i] += weights[i];
                if (credits[i] > credits[best]) {
                    best = i;
                }
            }
            credits[best] -= total;
            turns[turn] = members[best];
        }
        return turns;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
