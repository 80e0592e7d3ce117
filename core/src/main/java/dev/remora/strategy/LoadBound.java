package dev.remora.strategy;

/**
 * How much more than its share of the load a member may have.
 *
 * @param factor for new clients, at least 1
 * @param hardFactor for those that are bound to it, at least {@code factor}; may be infinite
 */
record LoadBound(double factor, double hardFactor) {

    /** A member with less load keeps those that are bound to it: among so few streams a factor says little. */
    private static final double ALWAYS_KEPT = 8;

    LoadBound {
        if (!(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "boundedLoad factor: " + factor + " (expected: a finite number, at least 1)");
        }
        if (!(hardFactor >= factor)) {
            throw new IllegalArgumentException(
                    "boundedLoad hardFactor: " + hardFactor + " (expected: at least the factor, " + factor + ")");
        }
    }

    /** Whether a load is below {@code ceil(factor * (totalLoad + 1) * weight / totalWeight)}. */
    boolean admits(double load, double totalLoad, double weight, double totalWeight) {
        return isBelow(factor, load, totalLoad, weight, totalWeight);
    }

    /** The same by the hard factor, for clients that are bound. */
    boolean keeps(double load, double totalLoad, double weight, double totalWeight) {
        return load < ALWAYS_KEPT || isBelow(hardFactor, load, totalLoad, weight, totalWeight);
    }

    // Below ceil(x) is what rounds down below x. No division: whole numbers are compared exactly.
    private static boolean isBelow(double by, double load, double totalLoad, double weight, double totalWeight) {
        return Math.floor(load) * totalWeight < by * (totalLoad + 1) * weight;
    }
}
