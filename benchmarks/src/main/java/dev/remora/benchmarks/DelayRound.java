package dev.remora.benchmarks;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * All streams of one round, one way.
 *
 * @param delays from send to arrival of each event, in nanoseconds
 * @param costs of the gateway's threads meanwhile
 */
record DelayRound(Histogram delays, ThreadCosts costs) {

    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int DIGITS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    static Histogram emptyHistogram() {
        return new Histogram(1, LONGEST_NANOS, DIGITS);
    }

    /** The same delay, or the nearest that the histogram knows. */
    static long bounded(long nanos) {
        return Math.min(LONGEST_NANOS, Math.max(1, nanos));
    }

    /**
     * Opens all streams at once and waits until the last one has ended.
     *
     * @throws IllegalStateException if an event is missing
     */
    static DelayRound run(EventClient client, InetSocketAddress target, int streams, Script script)
            throws InterruptedException, ExecutionException, TimeoutException {
        // Written by the client's one thread only, and read here after all streams have ended.
        Histogram delays = emptyHistogram();
        ThreadCosts before = ThreadCosts.of(Gateway.THREADS);
        CompletableFuture<?>[] ended = IntStream.range(0, streams)
                .mapToObj(i -> client.open(
                                target,
                                (event, arrivedNanos) -> delays.recordValue(bounded(arrivedNanos - event.sentNanos())))
                        .ended())
                .toArray(CompletableFuture[]::new);
        Duration longest = script.gap().multipliedBy(script.events() + 1L).plus(PATIENCE);
        CompletableFuture.allOf(ended).get(longest.toSeconds(), TimeUnit.SECONDS);
        long expected = (long) streams * script.events();
        if (delays.getTotalCount() != expected) {
            throw new IllegalStateException("events: " + delays.getTotalCount() + " (expected: " + expected + ")");
        }
        return new DelayRound(delays, ThreadCosts.of(Gateway.THREADS).minus(before));
    }
}
