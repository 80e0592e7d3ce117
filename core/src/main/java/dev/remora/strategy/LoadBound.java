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

    /** Whether a load is below the cap for new clients, counting the new stream in the total. */
    boolean admits(double load, double totalLoad, double weight, double totalWeight) {
        return load < Math.ceil(factor * (totalLoad + 1) * weight / totalWeight);
    }

    /** Whether a load is below the cap for clients that are bound. */
    boolean keeps(double load, double totalLoad, double weight, double totalWeight) {
        return load < ALWAYS_KEPT || load < Math.ceil(hardFactor * (totalLoad + 1) * weight / totalWeight);
    }
}
