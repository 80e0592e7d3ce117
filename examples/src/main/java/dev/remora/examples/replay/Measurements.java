package dev.remora.examples.replay;

import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;

/** Adds up what all calls of a replay see. Thread-safe. */
final class Measurements {

    private static final long LONGEST_NANOS = TimeUnit.HOURS.toNanos(3);
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final int MAX_NAMES = 200;
    private static final String OTHERS = "(others)";

    private final ConcurrentHistogram firstToken = histogram();
    private final ConcurrentHistogram gap = histogram();
    private final ConcurrentHistogram total = histogram();
    private final ConcurrentHistogram lateness = histogram();
    private final LongAdder complete = new LongAdder();
    private final LongAdder tokens = new LongAdder();
    private final LongAdder tokensAsked = new LongAdder();
    private final LongAdder followUps = new LongAdder();
    private final LongAdder kept = new LongAdder();
    private final ConcurrentMap<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, LongAdder> backends = new ConcurrentHashMap<>();

    void sent(long lateNanos, int generatedTokens) {
        record(lateness, lateNanos);
        tokensAsked.add(generatedTokens);
    }

    void answeredBy(String backend) {
        count(backends, backend);
    }

    void followUp(boolean sameBackend) {
        followUps.increment();
        if (sameBackend) {
            kept.increment();
        }
    }

    void firstToken(long nanos) {
        tokens.increment();
        record(firstToken, nanos);
    }

    void nextToken(long gapNanos) {
        tokens.increment();
        record(gap, gapNanos);
    }

    void complete(long totalNanos) {
        complete.increment();
        record(total, totalNanos);
    }

    void failed(String kind) {
        count(errors, kind);
    }

    ReplayReport report(int requests, int skipped, int maxOpen, Duration took) {
        return new ReplayReport(
                requests,
                skipped,
                complete.sum(),
                tokens.sum(),
                tokensAsked.sum(),
                maxOpen,
                took,
                sums(errors),
                sums(backends),
                followUps.sum(),
                kept.sum(),
                Percentiles.of(firstToken),
                Percentiles.of(gap),
                Percentiles.of(total),
                Percentiles.of(lateness));
    }

    private static ConcurrentHistogram histogram() {
        return new ConcurrentHistogram(TimeUnit.MICROSECONDS.toNanos(1), LONGEST_NANOS, SIGNIFICANT_DIGITS);
    }

    private static void record(ConcurrentHistogram histogram, long nanos) {
        histogram.recordValue(Math.max(0, Math.min(nanos, LONGEST_NANOS)));
    }

    /** Names come from servers, so only so many are told apart. */
    private static void count(ConcurrentMap<String, LongAdder> counts, String name) {
        String bounded = counts.size() < MAX_NAMES || counts.containsKey(name) ? name : OTHERS;
        counts.computeIfAbsent(bounded, added -> new LongAdder()).increment();
    }

    private static SortedMap<String, Long> sums(ConcurrentMap<String, LongAdder> counts) {
        var sums = new TreeMap<String, Long>();
        counts.forEach((name, count) -> sums.put(name, count.sum()));
        return sums;
    }
}
