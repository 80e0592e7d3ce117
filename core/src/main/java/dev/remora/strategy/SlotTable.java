package dev.remora.strategy;

import dev.remora.pool.BackendId;
import java.util.Arrays;
import java.util.Map;

/**
 * Weighted rendezvous hashing over a fixed number of slots, done beforehand: each slot belongs to the member with the
 * least cost there, and a key is looked up by the slot it falls on. The table depends on the members' ids and weights
 * and on nothing else, be it their order or what the pool was like before. A member that goes gives its own slots, one
 * that comes takes slots for itself, more weight only takes, less weight only gives. Immutable.
 */
final class SlotTable {

    /** Owners are kept in 16 bits. */
    static final int MAX_MEMBERS = 1 << 16;

    /** A slot is settled by looking at all members; offers fill a table with some 16 looks at each slot. */
    private static final int LOOKS_PER_SLOT = 16;

    private static final int GONE = -1;

    private final Contenders contenders;
    private final SlotOrder order;
    private final int shift;
    private final char[] owners;
    // What each slot costs its owner. Read only when the next table is made.
    final double[] costs;

    private SlotTable(SlotDraft draft, Contenders contenders, SlotOrder order) {
        this.contenders = contenders;
        this.order = order;
        this.owners = draft.owners;
        this.costs = draft.costs;
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(owners.length);
    }

    /**
     * Makes a table from nothing.
     *
     * @param contenders at least one
     * @param slots a power of two, at least 2
     * @throws IllegalArgumentException if there are more members than slots, or than 65,536
     */
    static SlotTable of(Contenders contenders, int slots) {
        requireRoom(contenders, slots);
        SlotOrder order = new SlotOrder(Integer.numberOfTrailingZeros(slots));
        double[] costs = new double[slots];
        Arrays.fill(costs, Double.POSITIVE_INFINITY);
        SlotDraft draft = new SlotDraft(contenders, order, new char[slots], costs);
        draft.fill();
        return new SlotTable(draft, contenders, order);
    }

    /** The table that {@link #of} would make of other members, made from this one. */
    SlotTable updated(Contenders next) {
        if (next.sameAs(contenders)) {
            return this;
        }
        requireRoom(next, owners.length);
        int[] places = new int[contenders.size()];
        boolean[] takes = new boolean[next.size()];
        boolean[] gives = compare(next, places, takes);
        long given = 0;
        for (char owner : owners) {
            given += gives[owner] ? 1 : 0;
        }
        if (given * next.size() > (long) LOOKS_PER_SLOT * owners.length) {
            return of(next, owners.length);
        }
        SlotDraft draft = new SlotDraft(next, order, new char[owners.length], costs.clone());
        for (int slot = 0; slot < owners.length; slot++) {
            char owner = owners[slot];
            if (gives[owner]) {
                draft.settle(slot);
            } else {
                draft.owners[slot] = (char) places[owner];
            }
        }
        double worstCost = draft.worstCost();
        for (int i = 0; i < takes.length; i++) {
            if (takes[i]) {
                draft.admit(i, worstCost);
            }
        }
        return new SlotTable(draft, next, order);
    }

    // Finds the place of each old member, which new ones may take slots, and which old ones may lose some.
    private boolean[] compare(Contenders next, int[] places, boolean[] takes) {
        boolean[] gives = new boolean[places.length];
        Map<BackendId, Integer> nextPlaces = next.places();
        Arrays.fill(takes, true);
        for (int i = 0; i < places.length; i++) {
            places[i] = nextPlaces.getOrDefault(contenders.id(i), GONE);
            if (places[i] == GONE) {
                gives[i] = true;
            } else {
                int change = Double.compare(next.weight(places[i]), contenders.weight(i));
                gives[i] = change < 0;
                takes[places[i]] = change > 0;
            }
        }
        return gives;
    }

    private static void requireRoom(Contenders contenders, int slots) {
        int most = Math.min(slots, MAX_MEMBERS);
        if (contenders.size() > most) {
            throw new IllegalArgumentException("backends: " + contenders.size() + " (expected: at most " + most
                    + (most == slots ? ", the slots of the table)" : ")"));
        }
    }

    int slots() {
        return owners.length;
    }

    Contenders contenders() {
        return contenders;
    }

    /** The slot that a key falls on. */
    int slot(long key) {
        return (int) ((key * Bits.GOLDEN) >>> shift);
    }

    int owner(int slot) {
        return owners[slot];
    }

    /**
     * The eligible member with the least cost for a slot, or {@link Picker#NONE}: whoever would own it if those that are
     * not eligible were gone. Looks at all members.
     */
    int first(int slot, PickContext context) {
        int best = Picker.NONE;
        double bestCost = Double.POSITIVE_INFINITY;
        for (int i = 0; i < contenders.size(); i++) {
            long seed = contenders.seed(i);
            double cost = contenders.cost(order.draw(seed, slot, order.place(seed, slot)), i, bestCost);
            if (contenders.precedes(cost, i, bestCost, best) && context.eligible(i)) {
                best = i;
                bestCost = cost;
            }
        }
        return best;
    }
}
