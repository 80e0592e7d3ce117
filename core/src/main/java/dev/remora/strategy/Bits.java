package dev.remora.strategy;

/** Arithmetic on hashes, the same in every JVM. */
final class Bits {

    /** An odd number near 2^64 divided by the golden ratio: multiples of it spread evenly. */
    static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private Bits() {}

    /** The finalizer of MurmurHash3: every bit of the result depends on every bit of the input. */
    static long mix(long bits) {
        long h = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 33);
    }

    /** The number that undoes a multiplication by an odd one, modulo any power of two up to 2^32. */
    static int inverse(int odd) {
        // Newton's iteration: each step doubles the number of right bits, of which there are three at the start.
        int inverse = odd;
        for (int i = 0; i < 4; i++) {
            inverse *= 2 - odd * inverse;
        }
        return inverse;
    }
}
