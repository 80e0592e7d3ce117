package dev.remora.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.remora.exchange.NanoClock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * nginx's {@code limit_req}, to the millisecond: a leaky bucket in which requests wait for their turn. What is beyond the burst gets
 * 429 (nginx: {@code limit_req_status}, 503 by default). Several of them, one after the other, differ from several lines of
 * {@code limit_req} in one place: one that lets pass has counted the request even when a later one denies it. Immutable.
 */
public final class NginxLimitReq {

    private static final int MOST_PER_SECOND = 1_000_000;
    private static final int MOST_BURST = 1_000_000;
    private static final int DEFAULT_KEYS = 100_000;

    private final long thousandthsPerSecond;
    private final long burst;
    private final long delayFrom;
    private final int maxKeys;
    private final NanoClock clock;

    private NginxLimitReq(long thousandthsPerSecond, long burst, long delayFrom, int maxKeys, NanoClock clock) {
        this.thousandthsPerSecond = thousandthsPerSecond;
        this.burst = burst;
        this.delayFrom = delayFrom;
        this.maxKeys = maxKeys;
        this.clock = clock;
    }

    /**
     * As {@code rate=Nr/s}, without a burst.
     *
     * @param requests 1 to 1,000,000
     */
    public static NginxLimitReq perSecond(int requests) {
        return rate(requests, 1_000L);
    }

    /**
     * As {@code rate=Nr/m}, without a burst.
     *
     * @param requests 1 to 1,000,000
     */
    public static NginxLimitReq perMinute(int requests) {
        return rate(requests, 1_000L / 60.0);
    }

    private static NginxLimitReq rate(int requests, double thousandths) {
        if (requests < 1 || requests > MOST_PER_SECOND) {
            throw new IllegalArgumentException(
                    "rate: " + requests + " (expected: 1 to " + MOST_PER_SECOND + " requests)");
        }
        return new NginxLimitReq((long) (requests * thousandths), 0, 0, DEFAULT_KEYS, NanoClock.system());
    }

    /** As {@code burst=N}: so many may be ahead of their time, and wait. 0 to 1,000,000. */
    public NginxLimitReq burst(int requests) {
        return new NginxLimitReq(thousandthsPerSecond, thousandths("burst", requests), delayFrom, maxKeys, clock);
    }

    /** As {@code nodelay}: those within the burst pass at once. */
    public NginxLimitReq nodelay() {
        return new NginxLimitReq(thousandthsPerSecond, burst, Long.MAX_VALUE, maxKeys, clock);
    }

    /** As {@code delay=N}: so many of those within the burst pass at once, the others wait. 0 to 1,000,000. */
    public NginxLimitReq delay(int requests) {
        return new NginxLimitReq(thousandthsPerSecond, burst, thousandths("delay", requests), maxKeys, clock);
    }

    /**
     * How many keys are known at once, at least 1; 100,000 by default. Beyond that those that are seldom seen are forgotten, as
     * nginx forgets the one not seen for longest when its zone is full, and who was forgotten begins anew: a flood of made-up
     * keys may let somebody pass sooner than the rate. {@link Guard#rate} forgets nobody who still owes.
     */
    public NginxLimitReq maxKeys(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("max keys: " + most + " (expected: >= 1)");
        }
        return new NginxLimitReq(thousandthsPerSecond, burst, delayFrom, most, clock);
    }

    /** The same with another clock. */
    public NginxLimitReq withClock(NanoClock newClock) {
        return new NginxLimitReq(thousandthsPerSecond, burst, delayFrom, maxKeys, Objects.requireNonNull(newClock));
    }

    private static long thousandths(String name, int requests) {
        if (requests < 0 || requests > MOST_BURST) {
            throw new IllegalArgumentException(name + ": " + requests + " (expected: 0 to " + MOST_BURST + ")");
        }
        return requests * 1_000L;
    }

    Guard guard(LimitKey key) {
        Cache<String, Bucket> buckets = Caffeine.newBuilder()
                .maximumSize(maxKeys)
                .executor(Runnable::run)
                .build();
        // The clock may wrap around; time since then does not.
        long origin = clock.nanos();
        return (request, visitor) -> key.of(request, visitor)
                .map(whose -> admit(whose, buckets, TimeUnit.NANOSECONDS.toMillis(clock.nanos() - origin), visitor))
                .orElse(Admission.admitted());
    }

    private Admission admit(String whose, Cache<String, Bucket> buckets, long millis, Visitor visitor) {
        long excess = buckets.get(whose, name -> new Bucket(millis)).hit(millis, this);
        if (excess < 0) {
            long wait = (-excess - burst) * 1_000 / thousandthsPerSecond + 1;
            return Quotas.exceeded("", Duration.ofMillis(wait), "limit-req");
        }
        long delay = excess <= delayFrom ? 0 : (excess - delayFrom) * 1_000 / thousandthsPerSecond;
        // Who cannot wait is let pass: it is within the burst.
        return delay == 0 || !visitor.mayWait() ? Admission.admitted() : Admission.pending(later(delay));
    }

    private static CompletableFuture<Admission> later(long millis) {
        return CompletableFuture.supplyAsync(
                Admission::admitted, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
    }

    /** How far the requests of a key are ahead of their time, in thousandths of a request. */
    private static final class Bucket {

        private boolean hit;
        private long excess;
        private long last;

        Bucket(long now) {
            this.last = now;
        }

        /** The excess with one more request, negative if that one is denied, and then it is not counted. */
        synchronized long hit(long now, NginxLimitReq rule) {
            long passed = Math.max(0, now - last);
            // Then nothing is left of it and of one more; without that bound the product might overflow.
            long emptyAfter = (excess + 1_000) * 1_000 / rule.thousandthsPerSecond + 1;
            long drained = rule.thousandthsPerSecond * Math.min(passed, emptyAfter) / 1_000;
            long next = hit ? Math.max(0, excess - drained + 1_000) : 0;
            if (next > rule.burst) {
                return -next;
            }
            hit = true;
            excess = next;
            last = passed > 0 ? now : last;
            return next;
        }
    }
}
