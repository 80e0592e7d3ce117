package dev.remora.guard;

/**
 * The bits that the addresses of a block begin with. In order, a block comes before all that lie in it.
 *
 * @param isIpv4 which family
 * @param high the first 64 bits of an address, or all 32 of IPv4 and then zeros
 * @param low the last 64 bits
 * @param bits how many of them count; the others are 0
 */
record Prefix(boolean isIpv4, long high, long low, int bits) implements Comparable<Prefix> {

    /** So many bits are read at once. */
    static final int STRIDE = 4;

    private static final int STRIDES_PER_LONG = Long.SIZE / STRIDE;

    /** The bits of one stride, 0 to 15. */
    static int digit(long high, long low, int index) {
        long half = index < STRIDES_PER_LONG ? high : low;
        // Only the last six bits of a shift count, so that the second half begins at its front again.
        return (int) (half >>> (Long.SIZE - STRIDE - STRIDE * index)) & 0xf;
    }

    int digit(int index) {
        return digit(high, low, index);
    }

    /** Which bits of the first 64 count. */
    long highMask() {
        return ones(bits);
    }

    /** Which bits of the last 64 count. */
    long lowMask() {
        return ones(bits - Long.SIZE);
    }

    private static long ones(int count) {
        return count <= 0 ? 0 : -1L << Math.max(0, Long.SIZE - count);
    }

    @Override
    public int compareTo(Prefix other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        int byLow = byHigh == 0 ? Long.compareUnsigned(low, other.low) : byHigh;
        return byLow == 0 ? Integer.compare(bits, other.bits) : byLow;
    }
}
