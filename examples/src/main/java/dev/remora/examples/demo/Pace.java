package dev.remora.examples.demo;

import java.util.Random;

/**
 * How fast a demo back end speaks.
 *
 * @param tokensPerSecond the mean rate of one answer, above 0
 * @param jitter how far one gap may be from the mean, as a part of the mean: 0 (a metronome) .. 1
 */
public record Pace(double tokensPerSecond, double jitter) {

    private static final double NANOS_PER_SECOND = 1e9;

    /** The first token takes longer than the others: a model reads the question before it speaks. */
    private static final int GAPS_BEFORE_FIRST_TOKEN = 8;

    public Pace {
        if (!(tokensPerSecond > 0 && tokensPerSecond <= 1e6)) {
            throw new IllegalArgumentException(
                    "tokens-per-second: " + tokensPerSecond + " (expected: above 0, <= 1e6)");
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0 .. 1)");
        }
    }

    /** A pace that a person can read along with: 25 tokens/s, each gap up to 60 % shorter or longer. */
    public static Pace readable() {
        return new Pace(25, 0.6);
    }

    /** This pace, {@code factor} times as fast. */
    public Pace faster(double factor) {
        return new Pace(tokensPerSecond * factor, jitter);
    }

    long nanosToFirstToken(Random random) {
        return GAPS_BEFORE_FIRST_TOKEN * nanosToNextToken(random);
    }

    long nanosToNextToken(Random random) {
        double spread = 1 + jitter * (2 * random.nextDouble() - 1);
        return (long) (NANOS_PER_SECOND / tokensPerSecond * spread);
    }
}
