package dev.remora.strategy;

/**
 * The order in which each member wants the slots of a table: a permutation keyed by the member's seed. Place and slot
 * lead to each other in constant time, so that a table can be filled from the members' first wishes, and a single slot
 * be judged without a table. Immutable.
 *
 * <p>A member draws for a slot from the stratum of its place, so that the draws of one member over all slots are spread
 * evenly, though each alone is uniform and independent of the other members'. That halves the variance of the shares,
 * compared with independent draws.
 */
final class SlotOrder {

    private static final int A = 0x9e3779b1;
    private static final int B = 0x85ebca6b;
    private static final int C = 0xc2b2ae35;
    private static final int UNDO_A = Bits.inverse(A);
    private static final int UNDO_B = Bits.inverse(B);
    private static final int UNDO_C = Bits.inverse(C);

    private final int bits;
    private final int mask;
    // At least half of the bits: shifting by it and xoring undoes itself.
    private final int half;

    /** The order of {@code 1 << bits} slots. */
    SlotOrder(int bits) {
        this.bits = bits;
        this.mask = (1 << bits) - 1;
        this.half = (bits + 1) / 2;
    }

    /** The slot at a place of the member's order. */
    int slot(long seed, int place) {
        return mix(mix(mix(place, (int) seed, A), (int) (seed >>> 20), B), (int) (seed >>> 40), C);
    }

    /** The place of a slot in the member's order. */
    int place(long seed, int slot) {
        return unmix(unmix(unmix(slot, (int) (seed >>> 40), UNDO_C), (int) (seed >>> 20), UNDO_B), (int) seed, UNDO_A);
    }

    // Each step can be undone: so the slots are the places in another order.
    private int mix(int x, int key, int factor) {
        return fold(((x ^ key) * factor) & mask);
    }

    private int unmix(int x, int key, int undo) {
        return ((fold(x) * undo) ^ key) & mask;
    }

    private int fold(int x) {
        return x ^ (x >>> half);
    }

    /** What the member draws for a slot: the place in its order, and a fraction of a place. */
    double draw(long seed, int slot, int place) {
        long jitter = (((slot * Bits.GOLDEN) ^ seed) * Bits.GOLDEN) >>> (12 + bits);
        return Contenders.fraction(((long) place << (52 - bits)) | jitter);
    }
}
