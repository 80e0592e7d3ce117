package dev.remora.strategy;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;

/**
 * The power of two choices. Both draws follow the weights, so an idle pool is shared by weight; of two distinct eligible
 * members the one with less load per weight is taken, the first drawn on a tie.
 */
final class TwoChoices implements Picker {

    private static final int DRAWS = 8;

    private final Snapshot snapshot;
    private final AliasTable table;
    private final Picker unevenPool;

    TwoChoices(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.table = new AliasTable(Weights.of(snapshot));
        this.unevenPool = new WeightedScan(snapshot);
    }

    @Override
    public int pick(PickContext context) {
        if (snapshot.size() < 2) {
            return snapshot.size() == 1 && context.eligible(0) ? 0 : NONE;
        }
        int first = draw(context, NONE);
        if (first == NONE) {
            // Few members are eligible: look at all of them.
            first = unevenPool.pick(context);
            if (first == NONE) {
                return NONE;
            }
        }
        int second = draw(context, first);
        if (second == NONE) {
            second = next(context, first);
        }
        return second == NONE || pressure(first) <= pressure(second) ? first : second;
    }

    private int draw(PickContext context, int other) {
        for (int i = 0; i < DRAWS; i++) {
            int index = table.draw(context);
            if (index != other && context.eligible(index)) {
                return index;
            }
        }
        return NONE;
    }

    // One member so heavy that every draw met it again: the other choice is whoever comes next, from a random place.
    private int next(PickContext context, int other) {
        int size = snapshot.size();
        int start = context.random(size);
        for (int i = 0; i < size; i++) {
            int index = (start + i) % size;
            if (index != other && context.eligible(index)) {
                return index;
            }
        }
        return NONE;
    }

    private double pressure(int index) {
        Node node = snapshot.node(index);
        return node.load() / node.weight();
    }
}
