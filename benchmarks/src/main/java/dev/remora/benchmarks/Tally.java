package dev.remora.benchmarks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What became of the requests of one phase of {@link RedisOutage}. Thread-safe. */
final class Tally {

    final LongAdder failed = new LongAdder();
    /** How often a session that all gateways knew before the first phase was given another back end than before. */
    final LongAdder movesOfKnown = new LongAdder();
    /** Likewise, each other session that moved at all. */
    final Map<String, Integer> movesOfOthers = new ConcurrentHashMap<>();
    /** From the call to the completion of its stage, in nanoseconds; a value for each request. */
    final Histogram waits = new ConcurrentHistogram(3);

    long moves() {
        return movesOfKnown.sum()
                + movesOfOthers.values().stream().mapToInt(moves -> moves).sum();
    }

    /** Requests that waited for Redis to the deadline. */
    long late() {
        return waits.getCountBetweenValues(SharedGateways.DEADLINE.toNanos(), Long.MAX_VALUE);
    }
}
