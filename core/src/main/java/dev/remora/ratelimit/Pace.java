package dev.remora.ratelimit;

/**
 * A limit in nanoseconds: how much time each unit takes at the limit's pace. All amounts of time are bounded by a few years, so
 * sums of some of them do not overflow.
 */
final class Pace {

    /** More than a bucket ever holds. */
    static final long NEVER = Long.MAX_VALUE;

    // All slabs together are at most so large a share of the burst.
    private static final int SLAB_SHARES = 64;
    // Fewer units than that are not worth it: nobody takes so few of them so fast that threads meet.
    private static final int SMALLEST_SLAB = 64;

    private final long one;
    private final long burst;
    /** How far the bucket may be from full. */
    final long toleranceNanos;
    /** How far beyond that it may be charged. */
    final long maxDebtNanos;
    /** How far it is from full in the beginning. */
    final long initialNanos;
    /** How many units a slab holds, 0 when the burst is too small for slabs. */
    final long slab;
    /** How much all slabs together cost. */
    final long slabsNanos;

    Pace(Limit limit) {
        this(limit, 1);
    }

    /** One of several equal shares of a limit; each lets at least one unit pass. */
    Pace(Limit limit, int shares) {
        this.one = limit.nanosPerUnit(shares);
        this.burst = Math.max(1, limit.burst() / shares);
        this.toleranceNanos = burst * one;
        this.maxDebtNanos = limit.maxDebt() / shares * one;
        this.initialNanos = toleranceNanos - Math.min(burst, limit.initial()) * one;
        long share = burst / ((long) SLAB_SHARES * Slabs.STRIPES);
        this.slab = share < SMALLEST_SLAB ? 0 : share;
        this.slabsNanos = Slabs.STRIPES * slab * one;
    }

    /** What an amount costs; {@link #NEVER} when it is more than the burst. */
    long cost(long units) {
        return units > burst ? NEVER : units * one;
    }

    /** What an amount costs that is charged in any case: no more than all that can be owed. */
    long charge(long units) {
        long most = toleranceNanos + maxDebtNanos;
        return units > most / one ? most : units * one;
    }

    /** How much passes in a time, at most the burst. */
    long units(long nanos) {
        return nanos <= 0 ? 0 : Math.min(burst, nanos / one);
    }
}
