package dev.remora.strategy;

/**
 * The natural logarithm, from additions, multiplications and divisions alone, which are the same to the last bit in every
 * JVM; where {@link StrictMath} is a native call, this is much faster. The relative error is below 1e-15.
 */
final class Logarithm {

    private static final double LN_2 = 0.6931471805599453;
    private static final long SQRT_HALF = 0x3fe6a09e667f3bcdL;

    private Logarithm() {}

    /**
     * The logarithm of a number.
     *
     * @param x a normal number above 0
     */
    static double of(double x) {
        // x = m * 2^e with m from the root of a half to the root of two; ln(m) = 2 * artanh((m - 1) / (m + 1)).
        long bits = Double.doubleToRawLongBits(x);
        long e = (bits - SQRT_HALF) >> 52;
        double m = Double.longBitsToDouble(bits - (e << 52));
        double f = (m - 1) / (m + 1);
        double s = f * f;
        double s2 = s * s;
        double even = 1 + s2 * (1.0 / 5 + s2 * (1.0 / 9 + s2 * (1.0 / 13 + s2 * (1.0 / 17))));
        double odd = 1.0 / 3 + s2 * (1.0 / 7 + s2 * (1.0 / 11 + s2 * (1.0 / 15 + s2 * (1.0 / 19))));
        return e * LN_2 + 2 * f * (even + s * odd);
    }
}
