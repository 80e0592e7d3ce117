package dev.remora.health;

import java.time.Duration;

/**
 * How a back end that has just become fit works its way up to its full weight: Envoy's formula,
 * {@code weight * max(minShare, (t / duration) ^ (1 / aggression))}, with {@code t} counted from when it became fit. The
 * balancer applies it in ten steps, for every strategy. Immutable.
 *
 * @param duration how long it takes, above 0, at most 365 days
 * @param aggression above 0; with 1, the default, the share grows evenly; with more it grows faster in the beginning
 * @param minShare the share of its weight that it begins with, above 0 and at most 1; 0.1 by default
 */
public record SlowStart(Duration duration, double aggression, double minShare) {

    /** Creates a slow start from all its parts; {@link #over} is the short way. */
    public SlowStart {
        Durations.requirePositive("slow start duration", duration);
        if (!(aggression > 0 && aggression < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("aggression: " + aggression + " (expected: a finite number above 0)");
        }
        if (!(minShare > 0 && minShare <= 1)) {
            throw new IllegalArgumentException("minShare: " + minShare + " (expected: above 0, at most 1)");
        }
    }

    /** An even growth over so long, from a tenth of the weight. */
    public static SlowStart over(Duration duration) {
        return new SlowStart(duration, 1, 0.1);
    }

    /** A copy with another {@link #aggression}. */
    public SlowStart aggression(double newAggression) {
        return new SlowStart(duration, newAggression, minShare);
    }

    /** A copy with another {@link #minShare}. */
    public SlowStart from(double newMinShare) {
        return new SlowStart(duration, aggression, newMinShare);
    }

    /**
     * The share of its weight that a back end has.
     *
     * @param sinceNanos how long ago it became fit, in nanoseconds, at least 0
     * @return {@link #minShare} to 1
     */
    public double share(long sinceNanos) {
        double passed = (double) sinceNanos / duration.toNanos();
        return passed >= 1 ? 1 : Math.max(minShare, Math.pow(passed, 1 / aggression));
    }
}
