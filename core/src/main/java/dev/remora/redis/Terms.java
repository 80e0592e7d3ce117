package dev.remora.redis;

import dev.remora.ratelimit.Limit;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What is the same for all keys of some limits. */
final class Terms {

    // An answer that is lost is asked for again within this time, or never.
    private static final long MOST_PUSH_NANOS = Duration.ofMinutes(10).toNanos();
    private static final long MARGIN_MILLIS = 10_000;

    final Toll[] tolls;
    /** For how long units are in hand at most. */
    final long leaseNanos;
    /** For how long a push is repeated: later its buckets would be full again anyway. */
    final long pushNanos;
    /** For how long Redis keeps its number. */
    final long pushMillis;

    final LimiterCounts counts;
    // Since then the buckets of keys that nobody knows have filled.
    private final long beginning;
    // Of all keys: one that was forgotten and comes again goes on where it was.
    private final AtomicLong pushes = new AtomicLong();

    Terms(List<Limit> limits, Duration leaseAge, LimiterCounts counts, long beginning) {
        this.tolls = limits.stream().map(Toll::new).toArray(Toll[]::new);
        this.counts = counts;
        this.beginning = beginning;
        this.leaseNanos = leaseAge.toNanos();
        long full = Arrays.stream(tolls)
                .mapToLong(toll -> toll.mostMicros * 1_000)
                .max()
                .orElseThrow();
        this.pushNanos = Math.min(MOST_PUSH_NANOS, full);
        this.pushMillis = pushNanos / 1_000_000 + MARGIN_MILLIS;
    }

    /** For how long the buckets have filled of keys that nobody knows. */
    long ageNanos(long now) {
        return Math.max(0, now - beginning);
    }

    /** The number of the next push. */
    long nextPush() {
        return pushes.incrementAndGet();
    }
}
