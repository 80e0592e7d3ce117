package dev.remora.strategy;

/**
 * A slot table in the making. Slots go to whoever offers the least cost, so the result does not depend on who offers
 * when. Owned by one thread.
 */
final class SlotDraft {

    /** By how much the horizon grows while there are slots that nobody has reached. */
    private static final double GROWTH = 1.25;

    final char[] owners;
    final double[] costs;

    private final Contenders contenders;
    private final SlotOrder order;

    SlotDraft(Contenders contenders, SlotOrder order, char[] owners, double[] costs) {
        this.contenders = contenders;
        this.order = order;
        this.owners = owners;
        this.costs = costs;
    }

    /**
     * Lets all members offer for all slots, those they want most first. A member's costs rise along its order, so when
     * no slot costs more than what the next place of every member costs at least, the rest need not be looked at: with
     * {@code m} slots about {@code m * ln(m)} offers suffice, however many members there are.
     */
    void fill() {
        int slots = owners.length;
        int[] reached = new int[contenders.size()];
        double horizon = (Math.log(slots) + 3) / contenders.totalWeight();
        double worst;
        boolean exhausted;
        do {
            exhausted = true;
            for (int i = 0; i < reached.length; i++) {
                reached[i] = offerAll(i, reached[i], horizon);
                exhausted &= reached[i] == slots;
            }
            worst = worstCost();
            if (worst <= horizon) {
                return;
            }
            horizon = Math.min(horizon * GROWTH, worst);
        } while (!exhausted);
    }

    /** Lets a member offer for all slots that it could win. */
    void admit(int member, double worstCost) {
        offerAll(member, 0, worstCost);
    }

    /** Gives a slot to the best of all members, whoever had it. */
    void settle(int slot) {
        costs[slot] = Double.POSITIVE_INFINITY;
        for (int i = 0; i < contenders.size(); i++) {
            long seed = contenders.seed(i);
            offer(i, slot, order.draw(seed, slot, order.place(seed, slot)));
        }
    }

    /** The highest cost at which a slot was won. */
    double worstCost() {
        double worst = 0;
        for (double cost : costs) {
            worst = Math.max(worst, cost);
        }
        return worst;
    }

    // Returns the first place that was not offered for: from there on it costs the horizon or more.
    private int offerAll(int member, int fromPlace, double horizon) {
        long seed = contenders.seed(member);
        double places = Math.min(owners.length, Math.ceil(horizon * contenders.weight(member) * owners.length));
        int place = fromPlace;
        for (; place < places; place++) {
            int slot = order.slot(seed, place);
            offer(member, slot, order.draw(seed, slot, place));
        }
        return place;
    }

    private void offer(int member, int slot, double draw) {
        double cost = contenders.cost(draw, member, costs[slot]);
        if (contenders.precedes(cost, member, costs[slot], owners[slot])) {
            owners[slot] = (char) member;
            costs[slot] = cost;
        }
    }
}
