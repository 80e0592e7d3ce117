package dev.remora.ratelimit;

/**
 * A limit in nanoseconds: how much time an amount costs at the limit's pace. All amounts of time are bounded by a few years, so
 * sums of some of them do not overflow.
 */
final class Pace {

    /** More than a bucket ever holds. */
    static final long NEVER = Long.MAX_VALUE;

    private final long amount;
    private final long perNanos;
    private final long burst;
    private final long one;
    /** How far the bucket may be from full. */
    final long toleranceNanos;
    /** How far beyond that it may be charged. */
    final long maxDebtNanos;
    /** How far it is from full in the beginning. */
    final long initialNanos;

    Pace(Limit limit) {
        this(limit, 1);
    }

    /** One of several equal shares of a limit; each lets at least one unit pass. */
    Pace(Limit limit, int shares) {
        this.amount = limit.amount();
        // Slower by as much, rather than fewer: that loses nothing to rounding.
        this.perNanos = Math.multiplyExact(limit.per().toNanos(), (long) shares);
        this.burst = Math.max(1, limit.burst() / shares);
        this.one = ceil(1, perNanos, amount);
        this.toleranceNanos = ceil(burst, perNanos, amount);
        this.maxDebtNanos = ceil(limit.maxDebt() / shares, perNanos, amount);
        this.initialNanos = toleranceNanos - floor(Math.min(burst, limit.initial()), perNanos, amount);
    }

    /** What an amount costs, rounded up; {@link #NEVER} when it is more than the burst. */
    long cost(long units) {
        if (units == 1) {
            return one;
        }
        return units > burst ? NEVER : ceil(units, perNanos, amount);
    }

    /** What an amount costs that is charged in any case: no more than all that can be owed. */
    long charge(long units) {
        long most = toleranceNanos + maxDebtNanos;
        return units > most(amount, perNanos, most) ? most : ceil(units, perNanos, amount);
    }

    /** How much passes in a time, rounded down. */
    long units(long nanos) {
        return nanos <= 0 ? 0 : Math.min(burst, most(amount, perNanos, nanos));
    }

    /** The most units that a stretch of time pays for, or {@link Long#MAX_VALUE} if they are more. */
    static long most(long amount, long perNanos, long nanos) {
        return floor(nanos, amount, perNanos);
    }

    /** a * b / c, rounded down. */
    static long floor(long a, long b, long c) {
        long high = Math.multiplyHigh(a, b);
        long low = a * b;
        return high == 0 && low >= 0 ? low / c : divide(high, low, c);
    }

    /** a * b / c, rounded up. */
    static long ceil(long a, long b, long c) {
        long high = Math.multiplyHigh(a, b);
        long low = a * b;
        if (high == 0 && low >= 0) {
            return low / c + (low % c == 0 ? 0 : 1);
        }
        long floor = divide(high, low, c);
        return floor == Long.MAX_VALUE || floor * c == low ? floor : floor + 1;
    }

    // By long division, a bit at a time: rare enough.
    private static long divide(long high, long low, long divisor) {
        if (high >= divisor) {
            return Long.MAX_VALUE;
        }
        long rest = high;
        long quotient = 0;
        for (int bit = 63; bit >= 0; bit--) {
            rest = rest << 1 | (low >>> bit & 1);
            quotient <<= 1;
            if (Long.compareUnsigned(rest, divisor) >= 0) {
                rest -= divisor;
                quotient |= 1;
            }
        }
        return quotient < 0 ? Long.MAX_VALUE : quotient;
    }
}
