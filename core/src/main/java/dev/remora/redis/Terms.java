package dev.remora.redis;

import dev.remora.ratelimit.Limit;
import java.time.Duration;
import java.util.List;

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

    Terms(List<Limit> limits, Duration leaseAge, LimiterCounts counts) {
        this.tolls = limits.stream().map(Toll::new).toArray(Toll[]::new);
        this.leaseNanos = leaseAge.toNanos();
        long full = limits.stream()
                .map(Toll::new)
                .mapToLong(toll -> toll.mostMicros * 1_000)
                .max()
                .orElseThrow();
        this.pushNanos = Math.min(MOST_PUSH_NANOS, full);
        this.pushMillis = pushNanos / 1_000_000 + MARGIN_MILLIS;
        this.counts = counts;
    }
}
