package dev.remora.ratelimit;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * How much of a unit may pass: a token bucket that is filled at an even pace, and holds so much for a burst. In any stretch of
 * time, as the limiter's clock tells it, no more passes than {@code amount / per * time + burst}, when what is given back
 * ({@link RateLimiter#refund}) counts as if it had passed when it was taken.
 *
 * <p>The pace is that of the Generic Cell Rate Algorithm (ITU-T I.371), in whole nanoseconds for each unit, rounded up: at
 * 10 million a second it may be 1 % slower than asked for. Of a burst of thousands that many threads want at once a 64th may be kept
 * back.
 *
 * @param name by which headers, listeners and logs tell it from others: 1 to 64 letters, digits, {@code - _ . *}
 * @param unit what is counted
 * @param amount how much passes in a period, at least 1, and at most one for each nanosecond
 * @param per the period, 1 ns to 366 days
 * @param burst how much may pass at once after a calm, at least 1; it fills in two years at most
 * @param initial how much may pass at once when the limiter begins, 0 to {@code burst}; from then on it fills, for all keys that
 *     are still to come, too
 * @param maxDebt how much may be charged beyond what there is ({@link RateLimiter#charge}), at least 0; it is paid back in
 *     two years at most
 * @param shadow whether it only tells what it would have denied
 */
public record Limit(
        String name, Unit unit, long amount, Duration per, long burst, long initial, long maxDebt, boolean shadow) {

    static final Duration LONGEST = Duration.ofDays(366);
    // A period of that length, and what rounding adds to it.
    private static final Duration LONGEST_TO_FILL = LONGEST.multipliedBy(2);
    private static final int MAX_NAME = 64;

    /** Creates a limit. */
    public Limit {
        Objects.requireNonNull(unit, "unit");
        if (name.isEmpty() || name.length() > MAX_NAME || !name.chars().allMatch(Limit::isNameCharacter)) {
            throw new IllegalArgumentException("limit name: \"" + name.replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" (expected: 1 to " + MAX_NAME + " letters, digits, - _ . *)");
        }
        if (per.compareTo(Duration.ofNanos(1)) < 0 || per.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("limit " + name + ": per " + per + " (expected: 1 ns to 366 days)");
        }
        if (amount < 1 || amount > per.toNanos()) {
            throw new IllegalArgumentException("limit " + name + ": amount " + amount
                    + " (expected: at least 1, at most one for each nanosecond of " + per + ")");
        }
        long fillable = LONGEST_TO_FILL.toNanos() / nanosPerUnit(amount, per.toNanos(), 1);
        if (burst < 1 || burst > fillable) {
            throw new IllegalArgumentException("limit " + name + ": burst " + burst + " (expected: 1 to " + fillable
                    + ", which takes two years to fill)");
        }
        if (initial < 0 || initial > burst) {
            throw new IllegalArgumentException(
                    "limit " + name + ": initial " + initial + " (expected: 0 to the burst, " + burst + ")");
        }
        if (maxDebt < 0 || maxDebt > fillable) {
            throw new IllegalArgumentException("limit " + name + ": max debt " + maxDebt + " (expected: 0 to "
                    + fillable + ", which takes two years to pay back)");
        }
    }

    /** How long each unit takes at the pace of one of so many equal shares of the limit: whole nanoseconds, rounded up. */
    public long nanosPerUnit(int shares) {
        return nanosPerUnit(amount, per.toNanos(), shares);
    }

    // Each unit by itself is rounded up: so many single ones take as much as all at once.
    private static long nanosPerUnit(long amount, long perNanos, int shares) {
        long nanos = Math.multiplyExact(perNanos, (long) shares);
        return nanos / amount + (nanos % amount == 0 ? 0 : 1);
    }

    /**
     * Checks that limits can be applied together.
     *
     * @throws IllegalArgumentException if there is none, or two have the same name
     */
    public static List<Limit> together(Limit... limits) {
        if (limits.length == 0
                || Arrays.stream(limits).map(Limit::name).distinct().count() < limits.length) {
            throw new IllegalArgumentException(
                    "limits: " + Arrays.toString(limits) + " (expected: at least one, each with a name of its own)");
        }
        return List.of(limits);
    }

    private static boolean isNameCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-_.*".indexOf(c) >= 0;
    }

    /** So much of a unit in a period; all of it may pass at once, and as much may be owed. */
    public static Limit of(Unit unit, long amount, Duration per) {
        return new Limit(unit.toString(), unit, amount, per, amount, amount, amount, false);
    }

    /** So many requests in a period. */
    public static Limit requests(long amount, Duration per) {
        return of(Unit.REQUESTS, amount, per);
    }

    /** So many tokens, of prompts and answers together, in a period. */
    public static Limit tokens(long amount, Duration per) {
        return of(Unit.TOKENS, amount, per);
    }

    /** The same under another name; by default that of its unit. */
    public Limit named(String newName) {
        return new Limit(newName, unit, amount, per, burst, initial, maxDebt, shadow);
    }

    /** The same with another burst, full in the beginning; by default the amount of a period. */
    public Limit withBurst(long newBurst) {
        return new Limit(name, unit, amount, per, newBurst, newBurst, maxDebt, shadow);
    }

    /** The same with less, or nothing, in the beginning; by default the bucket is full. */
    public Limit withInitial(long newInitial) {
        return new Limit(name, unit, amount, per, burst, newInitial, maxDebt, shadow);
    }

    /** The same with another bound on what may be owed; by default the amount of a period. */
    public Limit withMaxDebt(long newMaxDebt) {
        return new Limit(name, unit, amount, per, burst, initial, newMaxDebt, shadow);
    }

    /** The same, which denies nothing and only tells what it would have denied. */
    public Limit asShadow() {
        return new Limit(name, unit, amount, per, burst, initial, maxDebt, true);
    }
}
