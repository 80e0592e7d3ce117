package dev.remora;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * How fast, and how well, one back end has answered lately.
 *
 * <p>The time to the first byte is a peak-sensitive, time-decayed average as Finagle's Peak EWMA: a slower response than
 * the average counts at once, faster ones pull it down with time, and silence lets it fade, so that a back end that was
 * slow once is asked again. How long a stream lasts never enters it. Errors are kept apart from time, or a back end that
 * fails fast would look like the best one: each error doubles the penalty, each good response halves it, and time does.
 *
 * <p>Each cell packs a value (float, high half) and the millisecond it belongs to (int, low half) in one word, changed by
 * compare-and-set and decayed by readers without being written. Thread-safe.
 */
final class Responsiveness {

    /** The time in which an average without new responses falls to 37 %. */
    private static final double FADE_MILLIS = 10_000;

    /** The time that takes one doubling of the penalty away. */
    private static final float HALVING_MILLIS = 7_000;

    private static final float MAX_DOUBLINGS = 30;

    private static final VarHandle FIRST_BYTE = field("firstByte");
    private static final VarHandle DOUBLINGS = field("doublings");

    // The average in nanoseconds; 0 as a whole before the first response.
    private volatile long firstByte;
    // The binary logarithm of the penalty.
    private volatile long doublings;

    /** A response that is no error began after so long. */
    void answered(long waitedNanos, long nowNanos) {
        int now = millis(nowNanos);
        long seen;
        long next;
        do {
            seen = firstByte;
            float average = value(seen);
            float sample = Math.max(1, waitedNanos);
            double kept = Math.exp(-elapsed(seen, now) / FADE_MILLIS);
            boolean peak = seen == 0 || sample >= average;
            next = word(peak ? sample : (float) (average * kept + sample * (1 - kept)), now);
        } while (!FIRST_BYTE.weakCompareAndSet(this, seen, next));
        addDoublings(-1, now);
    }

    /** A request failed: an error for a response, or none, or one that broke off. */
    void failed(long nowNanos) {
        int now = millis(nowNanos);
        long seen;
        // What is known of its speed does not fade while it fails: it would soon look fast.
        do {
            seen = firstByte;
        } while (seen != 0 && !FIRST_BYTE.weakCompareAndSet(this, seen, word(value(seen), now)));
        addDoublings(1, now);
    }

    /** The average, faded up to now; 0 before the first response, else at least 1. */
    long firstByteNanos(long nowNanos) {
        long seen = firstByte;
        if (seen == 0) {
            return 0;
        }
        return Math.max(1, (long) (value(seen) * Math.exp(-elapsed(seen, millis(nowNanos)) / FADE_MILLIS)));
    }

    /** The average as the last response left it; 0 before the first one. */
    long lastFirstByteNanos() {
        return (long) value(firstByte);
    }

    /** At least 1. */
    double errorPenalty(long nowNanos) {
        long seen = doublings;
        return seen == 0 ? 1 : Math.pow(2, faded(seen, millis(nowNanos)));
    }

    private void addDoublings(float difference, int now) {
        long seen;
        long next;
        do {
            seen = doublings;
            float sum = Math.min(MAX_DOUBLINGS, faded(seen, now) + difference);
            // The word 0 is what a back end without errors has: nothing is written then, and readers are spared the
            // power.
            next = sum <= 0 ? 0 : word(sum, now);
        } while (next != seen && !DOUBLINGS.weakCompareAndSet(this, seen, next));
    }

    private static float faded(long word, int now) {
        return Math.max(0, value(word) - elapsed(word, now) / HALVING_MILLIS);
    }

    private static long word(float value, int millis) {
        return (long) Float.floatToRawIntBits(value) << 32 | Integer.toUnsignedLong(millis);
    }

    private static float value(long word) {
        return Float.intBitsToFloat((int) (word >>> 32));
    }

    // The milliseconds wrap around after 49 days. A difference below zero is a race of two threads, or very long ago.
    private static float elapsed(long word, int now) {
        int difference = now - (int) word;
        return difference >= 0 ? difference : difference > -FADE_MILLIS ? 0 : Integer.MAX_VALUE;
    }

    private static int millis(long nanos) {
        return (int) TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private static VarHandle field(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(Responsiveness.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
