package dev.remora;

import java.time.Duration;

/**
 * When, and how gently, streams are moved away from a back end that has more than its share.
 *
 * <p>A back end's ratio is its load by weight over the mean of all that may get new streams. While it exceeds the
 * {@link #threshold}, streams of this back end are asked politely to end, those first on which nothing has flowed for the
 * longest, until those that stay are no more than the threshold allows. Only streams that can go on elsewhere are asked
 * ({@link Lease#markResumable}), and none whose end would leave its back end below the mean: it would only come back.
 * Streams of other back ends are never touched. Immutable.
 *
 * @param threshold the ratio that is tolerated, above 1
 * @param streamsPerSecond the most streams that are asked within a second in the whole pool, 1 to 1,000; 10 by default
 * @param closeCode the WebSocket close code, 1000 to 4999; 1001 by default
 * @param retryAfter when clients should come back, at least 0; 1 second by default
 */
public record Rebalance(double threshold, int streamsPerSecond, int closeCode, Duration retryAfter) {

    private static final int FASTEST = 1_000;

    /** Creates one from all its parts; {@link #whenAbove} is the short way. */
    public Rebalance {
        if (!(threshold > 1 && threshold < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("threshold: " + threshold + " (expected: > 1)");
        }
        if (streamsPerSecond < 1 || streamsPerSecond > FASTEST) {
            throw new IllegalArgumentException(
                    "streamsPerSecond: " + streamsPerSecond + " (expected: 1 to " + FASTEST + ")");
        }
        EndRequest.requireGoodbye(closeCode, retryAfter);
    }

    /**
     * Moves streams away from back ends whose load by weight is above so many times the mean.
     *
     * @param threshold above 1; 1.5 tolerates half as much again as the mean
     */
    public static Rebalance whenAbove(double threshold) {
        return new Rebalance(threshold, 10, 1001, Duration.ofSeconds(1));
    }

    /** A copy with another budget. */
    public Rebalance streamsPerSecond(int newStreamsPerSecond) {
        return new Rebalance(threshold, newStreamsPerSecond, closeCode, retryAfter);
    }

    /** A copy that closes WebSockets with this code. */
    public Rebalance closeCode(int newCloseCode) {
        return new Rebalance(threshold, streamsPerSecond, newCloseCode, retryAfter);
    }

    /** A copy that asks clients to come back after so long. */
    public Rebalance retryAfter(Duration newRetryAfter) {
        return new Rebalance(threshold, streamsPerSecond, closeCode, newRetryAfter);
    }

    EndRequest request() {
        return new EndRequest(EndRequest.Reason.REBALANCE, EndRequest.Urgency.POLITE, closeCode, retryAfter);
    }
}
