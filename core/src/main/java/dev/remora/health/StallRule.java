package dev.remora.health;

import java.time.Duration;

/**
 * When an open stream counts as stalled: it has been silent for so many times the usual gap between two pieces of its
 * back end's streams, for no less than the floor, and for longer than twice its own longest silence so far.
 *
 * @param gaps how many usual gaps, at least 1
 * @param floor above 0, at most a year; a model that thinks before it speaks needs a long one
 */
public record StallRule(double gaps, Duration floor) {

    private static final double MOST_GAPS = 1_000_000;
    private static final Duration LONGEST = Duration.ofDays(365);

    /** Creates a rule. */
    public StallRule {
        if (!(gaps >= 1 && gaps <= MOST_GAPS)) {
            throw new IllegalArgumentException("stall gaps: " + gaps + " (expected: 1 to 1000000)");
        }
        if (floor.isNegative() || floor.isZero() || floor.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("stall floor: " + floor + " (expected: > 0, <= " + LONGEST + ")");
        }
    }
}
