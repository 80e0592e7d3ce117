package dev.remora.strategy;

import dev.remora.pool.Node;
import dev.remora.pool.Snapshot;

/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2018) over a slot table. A key whose owner
 * is at its cap goes on to the members in an order of its own: the owners of one slot after another, which the key
 * draws. So the keys of a full member spread over all others by weight, and not onto one neighbour that fills up next.
 */
final class BoundedLoad implements TablePicker {

    // As long as all members are eligible, those below their cap own a share of 1 - 1 / factor of the slots at least:
    // with a factor of 1.25, one key of a thousand needs more draws than these.
    private static final int DRAWS = 32;

    private final SlotTable table;
    private final Picker withoutKey;
    private final LoadBound bound;
    private final Snapshot snapshot;
    private final Contenders contenders;
    private final Node[] nodes;

    // The weight of the members that share the load: a cap in relation to those that are out, too, would leave no room
    // when many are. Written by whichever request counts, read by all; a count that is a little old does no harm.
    private volatile double sharingWeight;

    BoundedLoad(SlotTable table, Picker withoutKey, LoadBound bound, Snapshot snapshot) {
        this.table = table;
        this.withoutKey = withoutKey;
        this.bound = bound;
        this.snapshot = snapshot;
        this.contenders = table.contenders();
        this.nodes = snapshot.nodes().toArray(Node[]::new);
        this.sharingWeight = contenders.totalWeight();
    }

    @Override
    public SlotTable table() {
        return table;
    }

    @Override
    public Picker withoutKey() {
        return withoutKey;
    }

    @Override
    public int pick(PickContext context) {
        if (!context.keyed()) {
            return withoutKey.pick(context);
        }
        long key = context.keyHash();
        int slot = table.slot(key);
        int owner = table.owner(slot);
        int home = context.eligible(owner) ? owner : table.first(slot, context);
        double total = snapshot.load();
        if (home == NONE) {
            return NONE;
        }
        if (sharingWeight < contenders.totalWeight() && isTurnToCount(context)) {
            count(context);
        }
        return hasRoom(home, total) ? home : away(key, home, total, context);
    }

    private int away(long key, int home, double total, PickContext context) {
        if (isTurnToCount(context)) {
            count(context);
        }
        int next = next(key, total, context);
        if (next == NONE) {
            // There is room only on members that are not eligible: who shares the load was counted too long ago.
            count(context);
            next = hasRoom(home, total) ? home : next(key, total, context);
        }
        return next == NONE ? home : next;
    }

    // Once in as many picks as there are members, by chance.
    private boolean isTurnToCount(PickContext context) {
        return context.random(nodes.length) == 0;
    }

    private void count(PickContext context) {
        double weight = 0;
        for (int i = 0; i < nodes.length; i++) {
            weight += context.eligible(i) ? contenders.weight(i) : 0;
        }
        sharingWeight = weight > 0 ? weight : contenders.totalWeight();
    }

    private int next(long key, double total, PickContext context) {
        for (int draw = 1; draw <= DRAWS; draw++) {
            int member = table.owner(table.slot(Bits.mix(key + draw * Bits.GOLDEN)));
            if (hasRoom(member, total) && context.eligible(member)) {
                return member;
            }
        }
        int best = NONE;
        double bestCost = Double.POSITIVE_INFINITY;
        for (int i = 0; i < nodes.length; i++) {
            double cost = contenders.cost(contenders.draw(key, i), i, bestCost);
            if (contenders.precedes(cost, i, bestCost, best) && hasRoom(i, total) && context.eligible(i)) {
                best = i;
                bestCost = cost;
            }
        }
        return best;
    }

    private boolean hasRoom(int index, double total) {
        return bound.admits(nodes[index].load(), total, contenders.weight(index), sharingWeight);
    }

    @Override
    public boolean keeps(PickContext context, int index) {
        return TablePicker.super.keeps(context, index)
                && bound.keeps(nodes[index].load(), snapshot.load(), contenders.weight(index), sharingWeight);
    }
}
