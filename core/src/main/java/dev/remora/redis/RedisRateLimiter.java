package dev.remora.redis;

import dev.remora.exchange.NanoClock;
import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.LimitListener;
import dev.remora.ratelimit.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/**
 * Limits that gateways share through Redis, without asking it for every request.
 *
 * <pre>{@code
 * RedisRateLimiter limiter = RedisRateLimiter.builder(
 *                 Redis.at("redis://10.0.0.9:6379"), Limit.requests(100, Duration.ofMinutes(1)))
 *         .build();
 * Decision decision = limiter.decide("client 7", Usage.ONE_REQUEST);
 * }</pre>
 *
 * <p><b>While Redis answers.</b> A gateway takes units of a key in advance and spends them without a question: as many as one
 * request asks for, and more for keys that are busy, up to what passes in 100 ms and to a quarter of the gateway's share of the
 * burst. It remembers that Redis has denied a key until asking makes sense again. All requests of a key share one question.
 * What is not spent for {@link Builder#leaseAge} goes back.
 *
 * <p>By default nobody waits: what is neither in hand nor known to be denied is decided by the gateway's own share of the limit,
 * and Redis is charged for it right afterwards. A {@link Builder#strict} limiter lets {@link #acquire} wait.
 *
 * <p><b>What holds.</b> With g gateways, and what was given back counted as never taken:
 *
 * <ul>
 *   <li>By {@link #acquire} of a strict limiter, all gateways together admit at most {@code rate * T + burst} in the time T from
 *       when the bucket was full, and in any time T at most {@code rate * (T + leaseAge) + burst}.
 *   <li>Who does not wait adds at most each gateway's share, {@code burst / g} and what it gains by its share of the rate; it
 *       is charged to Redis, so that others get less.
 *   <li>What is in hand of gateways and not spent is missing elsewhere: at most g times what one may take in advance.
 * </ul>
 *
 * <p><b>While it does not.</b> When a connection breaks, or eight questions in a row are late, the {@link OutagePolicy} decides at
 * once, and nobody waits until a new connection stands. What passed meanwhile is charged when Redis is back, up to each
 * limit's {@linkplain Limit#maxDebt debt}. A Redis that has lost its memory grants a new burst.
 *
 * <p>A charge whose answer was lost is repeated for ten minutes, and charged once. Of keys Redis sees a digest only, and each
 * lives until its buckets are full. Time is that of Redis. Thread-safe; no method blocks. It owns its threads and
 * connections: close it after those who use it.
 */
public final class RedisRateLimiter implements RateLimiter, AutoCloseable {

    private final List<Limit> limits;
    private final SharedLimits shared;

    private RedisRateLimiter(Builder config) {
        this.limits = config.limits;
        this.shared = new SharedLimits(config);
    }

    /**
     * Limits that are shared by all gateways that name the same limits and use the same prefix.
     *
     * @throws IllegalArgumentException if there is none, or two have the same name
     */
    public static Builder builder(Redis redis, Limit... limits) {
        return new Builder(redis, limits);
    }

    @Override
    public List<Limit> limits() {
        return limits;
    }

    @Override
    public boolean tryAcquire(String key, Usage usage) {
        requireCounted(usage);
        boolean allowed = shared.denying().isEmpty() || shared.denying().get().tryAcquire(key, usage);
        if (allowed) {
            shared.shadows().forEach(shadow -> shadow.tryAcquire(key, usage));
        }
        return allowed;
    }

    @Override
    public Decision decide(String key, Usage usage) {
        requireCounted(usage);
        if (shared.denying().isEmpty()) {
            List<Decision> would = shared.shadows().stream()
                    .map(shadow -> shadow.decide(key, usage))
                    .toList();
            return allowed(would.get(0));
        }
        Decision decision = shared.denying().get().decide(key, usage);
        observe(key, usage, decision);
        return decision;
    }

    private void observe(String key, Usage usage, Decision decision) {
        if (decision.allowed()) {
            shared.shadows().forEach(shadow -> shadow.tryAcquire(key, usage));
        }
    }

    private static Decision allowed(Decision of) {
        return new Decision(true, of.limit(), of.remaining(), Optional.of(Duration.ZERO), of.resetAfter(), of.source());
    }

    /**
     * {@inheritDoc}
     *
     * <p>A strict limiter waits for Redis up to its deadline, then the {@link OutagePolicy} decides. Requests of a key are served
     * in their order. A stage that is cancelled ({@link CompletableFuture#cancel}) gives back what it would have been granted.
     */
    @Override
    public CompletionStage<Decision> acquire(String key, Usage usage) {
        requireCounted(usage);
        if (shared.denying().isEmpty()) {
            return CompletableFuture.completedFuture(decide(key, usage));
        }
        CompletionStage<Decision> decision = shared.denying().get().acquire(key, usage);
        if (!shared.shadows().isEmpty()) {
            CompletionStage<Void> unused = decision.thenAccept(made -> observe(key, usage, made));
        }
        return decision;
    }

    @Override
    public Decision peek(String key) {
        return shared.denying().isPresent()
                ? shared.denying().get().peek(key)
                : allowed(shared.shadows().get(0).peek(key));
    }

    @Override
    public void charge(String key, Usage usage) {
        shared.each(ledger -> ledger.charge(key, usage));
    }

    @Override
    public void refund(String key, Usage usage) {
        shared.each(ledger -> ledger.refund(key, usage));
    }

    private void requireCounted(Usage usage) {
        if (!counts(usage)) {
            throw new IllegalArgumentException(
                    "usage: " + usage + " (expected: something that a limit counts, " + limits + ")");
        }
    }

    /** What it has done so far. */
    public LimiterStats stats() {
        return shared.stats();
    }

    /** Whether every master that is known can be asked now. */
    public boolean reachable() {
        return shared.reachable();
    }

    /**
     * Closes connections and threads; who waits is answered. Afterwards it answers as if Redis were out of reach. What Redis was
     * still to be told it is not told any more. Closing twice is harmless.
     */
    @Override
    public void close() {
        shared.close();
    }

    @Override
    public String toString() {
        return "RedisRateLimiter" + limits;
    }

    /** Configures a {@link RedisRateLimiter}. {@link #build} may be called again and makes another one. Not thread-safe. */
    public static final class Builder {

        private static final int MOST_KEYS = 10_000_000;

        final Redis redis;
        final List<Limit> limits;
        Optional<Duration> strict = Optional.empty();
        OutagePolicy outage = OutagePolicy.LOCAL_SHARE;
        Duration leaseAge = Duration.ofSeconds(1);
        int maxKeys = 100_000;
        int maxWaiting = 256;
        int leastGateways = 1;
        String prefix = "remora:limit:";
        Optional<LimitListener> listener = Optional.empty();
        NanoClock clock = NanoClock.system();
        RandomGenerator random = new SplittableRandom();

        private Builder(Redis redis, Limit... limits) {
            this.redis = Objects.requireNonNull(redis);
            this.limits = Limit.together(limits);
        }

        /**
         * Lets {@link RateLimiter#acquire} wait for Redis when nothing is in hand; 1 ms to 1 minute, 20 to 50 ms are usual. By
         * default nobody waits.
         */
        public Builder strict(Duration deadline) {
            this.strict = Optional.of(Bounds.within("deadline", deadline, Duration.ofMillis(1), Duration.ofMinutes(1)));
            return this;
        }

        /** What happens while Redis is out of reach; {@link OutagePolicy#LOCAL_SHARE} by default. */
        public Builder outage(OutagePolicy policy) {
            this.outage = Objects.requireNonNull(policy);
            return this;
        }

        /** For how long what was taken in advance is kept; 1 s by default, 10 ms to 1 minute. */
        public Builder leaseAge(Duration longest) {
            this.leaseAge = Bounds.within("lease age", longest, Duration.ofMillis(10), Duration.ofMinutes(1));
            return this;
        }

        /**
         * How many keys are known here at once, 1 to 10,000,000; 100,000 by default. One takes about 500 bytes, as long as it is in
         * use and its bucket is not full. All keys beyond share the buckets of one.
         */
        public Builder maxKeys(int most) {
            if (most < 1 || most > MOST_KEYS) {
                throw new IllegalArgumentException("max keys: " + most + " (expected: 1 to " + MOST_KEYS + ")");
            }
            this.maxKeys = most;
            return this;
        }

        /**
         * The most requests that wait for Redis at once, and the most questions to one of its masters; 256 by default, at least
         * 1. More are decided as if it were out of reach.
         */
        public Builder maxWaiting(int most) {
            this.maxWaiting = Bounds.atLeastOne("max waiting", most);
            return this;
        }

        /**
         * How many gateways share the limits at least; 1 by default. More are found out by Redis, which each tells every second that
         * it lives. It matters where gateways start while Redis is out of reach.
         */
        public Builder leastGateways(int least) {
            this.leastGateways = Bounds.atLeastOne("least gateways", least);
            return this;
        }

        /** What the names of all keys begin with; {@code remora:limit:} by default, up to 64 visible ASCII characters. */
        public Builder keyPrefix(String newPrefix) {
            SessionKeys.requireVisible(newPrefix);
            this.prefix = newPrefix;
            return this;
        }

        /** Who hears of denials; nobody by default. It may be called on a thread of Redis's client. */
        public Builder listener(LimitListener newListener) {
            this.listener = Optional.of(newListener);
            return this;
        }

        /** The clock of what is known here; the JVM's by default. */
        public Builder clock(NanoClock newClock) {
            this.clock = Objects.requireNonNull(newClock);
            return this;
        }

        /** Makes a limiter, which begins to connect; it is of use at once, and does not fail when Redis is out of reach. */
        public RedisRateLimiter build() {
            return new RedisRateLimiter(this);
        }
    }
}
