package dev.remora.ratelimit;

import dev.remora.exchange.NanoClock;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Configures a limiter of this process alone. {@link #build()} may be called again and makes another one. Not thread-safe. */
public final class LocalRateLimiterBuilder {

    private static final int MOST_KEYS = 10_000_000;

    final List<Limit> limits;
    int maxKeys = 100_000;
    Overflow overflow = Overflow.SHARED_BUCKET;
    Optional<LimitListener> listener = Optional.empty();
    NanoClock clock = BusyClock.SHARED;

    LocalRateLimiterBuilder(Limit... limits) {
        // Shadows last: they never stand in the way, so nothing that they took is ever given back.
        this.limits = Limit.together(limits).stream()
                .sorted(Comparator.comparing(Limit::shadow))
                .toList();
    }

    /** How many keys are known at once, 1 to 10,000,000; 100,000 by default. One takes about 150 bytes and the key itself. */
    public LocalRateLimiterBuilder maxKeys(int most) {
        if (most < 1 || most > MOST_KEYS) {
            throw new IllegalArgumentException("max keys: " + most + " (expected: 1 to " + MOST_KEYS + ")");
        }
        this.maxKeys = most;
        return this;
    }

    /** What becomes of a new key when as many are known; {@link Overflow#SHARED_BUCKET} by default. */
    public LocalRateLimiterBuilder overflow(Overflow newOverflow) {
        this.overflow = Objects.requireNonNull(newOverflow);
        return this;
    }

    /** Who hears of denials; nobody by default. */
    public LocalRateLimiterBuilder listener(LimitListener newListener) {
        this.listener = Optional.of(newListener);
        return this;
    }

    /** The clock by which buckets fill; by default the one of {@link TokenBucket#of(Limit)}. */
    public LocalRateLimiterBuilder clock(NanoClock newClock) {
        this.clock = Objects.requireNonNull(newClock);
        return this;
    }

    /** Makes a limiter. */
    public RateLimiter build() {
        return new LocalRateLimiter(this);
    }
}
