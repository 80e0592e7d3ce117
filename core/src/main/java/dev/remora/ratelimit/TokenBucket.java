package dev.remora.ratelimit;

import dev.remora.exchange.NanoClock;
import java.time.Duration;
import java.util.Optional;

/**
 * One bucket for all: the simplest limiter. It holds its state in one word, allocates nothing, and denies without writing
 * anything. Thread-safe; no method blocks.
 */
public final class TokenBucket {

    private final Limit limit;
    private final Pace pace;
    private final NanoClock clock;
    private final Buckets bucket;

    private TokenBucket(Limit limit, NanoClock clock) {
        this.limit = limit;
        this.pace = new Pace(limit);
        this.clock = clock;
        long now = clock.nanos();
        this.bucket = new Buckets(limit.name(), new Pace[] {pace}, now, now);
    }

    /**
     * A bucket on the clock of this JVM, which is exact while it is asked less than 64 times in a millisecond. While more is
     * asked, a thread notes the time each millisecond, or as much later as the system lets it run: then, in any stretch of
     * time, at most what passes in so long is admitted too much. {@link NanoClock#system()} is exact always, and three times
     * as dear.
     */
    public static TokenBucket of(Limit limit) {
        return of(limit, BusyClock.SHARED);
    }

    /** A bucket on another clock. */
    public static TokenBucket of(Limit limit, NanoClock clock) {
        return new TokenBucket(limit, clock);
    }

    /** What it allows. Its unit has no meaning here. */
    public Limit limit() {
        return limit;
    }

    /**
     * Takes an amount, if it is there.
     *
     * @param amount at least 1; more than the burst is never there
     * @return whether it was
     */
    public boolean tryAcquire(long amount) {
        return bucket.takePrepaid(positive(amount))
                || bucket.take(0, pace, pace.cost(amount), clock.nanos()) == Buckets.TAKEN
                || limit.shadow();
    }

    /** Takes one, if it is there. */
    public boolean tryAcquire() {
        return tryAcquire(1);
    }

    /**
     * When an amount will be there, if nobody takes anything meanwhile: zero for now, nothing for at no time.
     *
     * @param amount at least 1
     */
    public Optional<Duration> waitFor(long amount) {
        long wait = bucket.waitNanos(0, pace, pace.cost(positive(amount)), clock.nanos());
        return wait == Pace.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(wait));
    }

    /** How much is there now. */
    public long available() {
        return pace.units(pace.toleranceNanos - bucket.missing(0, clock.nanos()));
    }

    /**
     * Takes an amount, whether it is there or not, up to the limit's debt.
     *
     * @param amount at least 1
     */
    public void charge(long amount) {
        boolean unused = bucket.charge(0, pace, pace.charge(positive(amount)), clock.nanos());
    }

    /**
     * Gives back what was taken and not used.
     *
     * @param amount at least 1
     */
    public void refund(long amount) {
        bucket.refund(0, pace.charge(positive(amount)), clock.nanos());
    }

    private static long positive(long amount) {
        if (amount < 1) {
            throw new IllegalArgumentException("amount: " + amount + " (expected: >= 1)");
        }
        return amount;
    }
}
