package dev.remora;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How fast, and how well, one back end has answered lately.
 *
 * <p>The time to the first byte is a peak-sensitive, time-decayed average as Finagle's Peak EWMA: a slower response than
 * the average counts at once, faster ones pull it down with time, and silence lets it fade, so that a back end that was
 * slow once is asked again. How long a stream lasts never enters it. Errors are kept apart from time, or a back end that
 * fails fast would look like the best one: each error doubles the penalty, and it takes ten good responses, or a few
 * seconds, to halve it. So the penalty grows while more than one response in eleven is an error, however fast the others
 * are.
 *
 * <p>Each cell packs a value (float, high half) and the tick it belongs to (int, low half) in one word, changed by
 * compare-and-set and decayed by readers without being written. Thread-safe.
 */
final class Responsiveness {

    /**
     * A tick is 2<sup>20</sup> ns, about a millisecond. A shift, where a division would jump when the clock's reading
     * wraps around: the lowest 32 bits of the ticks go on as if nothing had happened.
     */
    private static final int TICK_BITS = 20;

    /** The time in which an average without new responses falls to 37 %: 10 s. */
    private static final double FADE_TICKS = 10e9 / (1 << TICK_BITS);

    /** The time that takes one doubling of the penalty away: 7 s. */
    private static final float HALVING_TICKS = 7e9f / (1 << TICK_BITS);

    /** What a good response takes away of the doublings. */
    private static final float RELIEF = 0.1f;

    private static final float MAX_DOUBLINGS = 30;

    /** Who has not answered anybody and lets a client wait in vain for so long, is known to be slow: 1 s. */
    private static final float LONG_WAIT_NANOS = 1e9f;

    private static final VarHandle FIRST_BYTE = field("firstByte");
    private static final VarHandle DOUBLINGS = field("doublings");

    // The average in nanoseconds; 0 as a whole before the first response.
    private volatile long firstByte;
    // The binary logarithm of the penalty.
    private volatile long doublings;

    /** A response that is no error began after so long. */
    void answered(long waitedNanos, long nowNanos) {
        int now = tick(nowNanos);
        float sample = Math.max(1, waitedNanos);
        long seen;
        long next;
        do {
            seen = firstByte;
            next = seen == 0 ? word(sample, now) : word(average(seen, sample, now), latest(seen, now));
        } while (!FIRST_BYTE.weakCompareAndSet(this, seen, next));
        addDoublings(-RELIEF, now);
    }

    /**
     * A client gave up after so long without a response, which would have come later still: that counts as a response if
     * it is slower than the average. Of a client that gave up soon nothing is learned.
     */
    void waitedInVain(long waitedNanos, long nowNanos) {
        int now = tick(nowNanos);
        float sample = Math.max(1, waitedNanos);
        long seen;
        do {
            seen = firstByte;
        } while (sample >= (seen == 0 ? LONG_WAIT_NANOS : value(seen))
                && !FIRST_BYTE.weakCompareAndSet(this, seen, word(sample, latest(seen, now))));
    }

    /** A request failed: an error for a response, or none, or one that broke off. */
    void failed(long nowNanos) {
        int now = tick(nowNanos);
        long seen;
        // What is known of its speed does not fade while it fails: it would soon look fast.
        do {
            seen = firstByte;
        } while (seen != 0 && !FIRST_BYTE.weakCompareAndSet(this, seen, word(value(seen), latest(seen, now))));
        addDoublings(1, now);
    }

    /** The average, faded up to now; 0 before the first response or long wait in vain, else at least 1. */
    long firstByteNanos(long nowNanos) {
        long seen = firstByte;
        return seen == 0 ? 0 : Math.max(1, (long) (value(seen) * kept(seen, tick(nowNanos))));
    }

    /** The average as it was left last, not faded; 0 before the first response or long wait in vain. */
    long lastFirstByteNanos() {
        return (long) value(firstByte);
    }

    /** At least 1. */
    double errorPenalty(long nowNanos) {
        long seen = doublings;
        return seen == 0 ? 1 : Math.pow(2, faded(seen, tick(nowNanos)));
    }

    private void addDoublings(float difference, int now) {
        long seen;
        long next;
        do {
            seen = doublings;
            float sum = Math.min(MAX_DOUBLINGS, faded(seen, now) + difference);
            // The word 0 is what a back end without errors has: nothing is written then, and readers are spared the
            // power.
            next = sum <= 0 ? 0 : word(sum, latest(seen, now));
        } while (next != seen && !DOUBLINGS.weakCompareAndSet(this, seen, next));
    }

    private static float average(long seen, float sample, int now) {
        float average = value(seen);
        double kept = kept(seen, now);
        return sample >= average ? sample : (float) (average * kept + sample * (1 - kept));
    }

    private static double kept(long word, int now) {
        return Math.exp(-elapsed(word, now) / FADE_TICKS);
    }

    private static float faded(long word, int now) {
        return Math.max(0, value(word) - elapsed(word, now) / HALVING_TICKS);
    }

    private static long word(float value, int tick) {
        return (long) Float.floatToRawIntBits(value) << 32 | Integer.toUnsignedLong(tick);
    }

    private static float value(long word) {
        return Float.intBitsToFloat((int) (word >>> 32));
    }

    // Ticks wrap around after 52 days. A difference below zero is a race of two threads, or very long ago.
    private static float elapsed(long word, int now) {
        int difference = now - (int) word;
        return difference >= 0 ? difference : difference > -FADE_TICKS ? 0 : Integer.MAX_VALUE;
    }

    // Who read the clock first but writes last does not turn it back. The word 0 belongs to no tick.
    private static int latest(long seen, int now) {
        return seen == 0 || elapsed(seen, now) > 0 ? now : (int) seen;
    }

    private static int tick(long nanos) {
        return (int) (nanos >> TICK_BITS);
    }

    private static VarHandle field(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(Responsiveness.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
