package dev.remora.redis;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.Retention;
import dev.remora.session.SessionListener;
import dev.remora.session.SessionMap;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/**
 * A session map that gateways share through Redis, with a cache in front of it that Redis keeps right.
 *
 * <pre>{@code
 * RedisSessionMap sessions = RedisSessionMap.builder(Redis.at("redis://10.0.0.9:6379")).idle(Duration.ofHours(1)).build();
 * LoadBalancer balancer = LoadBalancer.builder()
 *         .backends(a, b)
 *         .affinity(AffinityRule.header("X-Session-Id"))
 *         .sessions(sessions)
 *         .build();
 * }</pre>
 *
 * <p><b>While Redis answers.</b> A session that was looked for here lately is answered from memory. One that nobody here
 * knows costs one question, for all requests that ask at once: a script binds it to the proposed back end unless it is bound.
 * Redis tells of changes by others ({@code CLIENT TRACKING}), and what it has not confirmed for {@link Builder#maxStale} is
 * asked again. After a reconnect nothing that was learned before is told without a question, but it is what the store is
 * asked to restore: a Redis that comes back empty learns the sessions from the gateways that use them.
 *
 * <p><b>While it does not.</b> A question waits for the {@link Builder#deadline}, and never more than {@link Builder#maxWaiting}
 * requests wait at once. When a connection breaks, or eight questions in a row are late, nobody waits any more until a new
 * connection stands. Known sessions stay where they are. Others are bound by a rendezvous hash, so that gateways agree without
 * talking, and Redis is told when it is back: the first value wins, the fence rises, {@link SessionListener#bindingLost} tells
 * who lost. What may move is a session that one gateway knows and another does not, while Redis is out of reach or has not been
 * given back yet what it lost; and once, a new session whose late question has bound it elsewhere.
 *
 * <p>Every key has a time to live. Of a session's key Redis sees a digest only. Thread-safe; no method blocks. It owns its
 * threads and connections: close it after the balancers that use it.
 */
public final class RedisSessionMap implements SessionMap, AutoCloseable {

    private final SharedSessions shared;
    private final Duration idle;

    private RedisSessionMap(Builder config) {
        this.shared = new SharedSessions(config);
        this.idle = config.retention.idle();
    }

    /** A map with defaults that are right for chat traffic. Nothing is connected before {@link Builder#build}. */
    public static Builder builder(Redis redis) {
        return new Builder(redis);
    }

    @Override
    public Optional<Binding> peek(AffinityKey key) {
        return shared.peek(key.bounded());
    }

    @Override
    public boolean knowsAll() {
        return false;
    }

    @Override
    public Duration idle() {
        return idle;
    }

    @Override
    public CompletionStage<Optional<Binding>> find(AffinityKey key) {
        return shared.find(key.bounded());
    }

    @Override
    public CompletionStage<Optional<Binding>> bind(AffinityKey key, BackendId backend) {
        return shared.bind(key.bounded(), backend);
    }

    @Override
    public Binding presume(AffinityKey key, BackendId backend) {
        return shared.presume(key.bounded(), backend);
    }

    @Override
    public CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
        return shared.rebind(key.bounded(), expectedFence, backend);
    }

    @Override
    public CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence) {
        return shared.unbind(key.bounded(), expectedFence);
    }

    @Override
    public void touch(AffinityKey key) {
        shared.touch(key.bounded());
    }

    /** What it has done so far. */
    public SessionStats stats() {
        return shared.stats();
    }

    /** Whether every master that is known can be asked now. */
    public boolean reachable() {
        return shared.reachable();
    }

    /** Closes connections and threads. Afterwards it answers as if Redis were out of reach. Closing twice is harmless. */
    @Override
    public void close() {
        shared.close();
    }

    /** Configures a {@link RedisSessionMap}. Not thread-safe. */
    public static final class Builder {

        final Redis redis;
        Retention retention = Retention.idle(Duration.ofMinutes(30));
        Duration deadline = Duration.ofMillis(50);
        int maxWaiting = 256;
        int maxPending = 65_536;
        Optional<Duration> maxStale = Optional.empty();
        SessionKeys keys = new SessionKeys("remora:session:");
        SessionListener listener = new SessionListener() {};
        RandomGenerator random = new SplittableRandom();

        private Builder(Redis redis) {
            this.redis = Objects.requireNonNull(redis);
        }

        /** How long a session that nobody uses is remembered, in Redis and here; 30 minutes by default, at least 10 ms. */
        public Builder idle(Duration idle) {
            return retention(new Retention(idle, retention.maxAge(), retention.maxEntries(), retention.maxBytes()));
        }

        /** The most sessions in this process's memory; 100,000 by default. Redis has bounds of its own. */
        public Builder maxEntries(long entries) {
            return retention(retention.withMaxEntries(entries));
        }

        /** All bounds of time and of this process's memory. */
        public Builder retention(Retention newRetention) {
            this.retention = Objects.requireNonNull(newRetention);
            return this;
        }

        /** How long a request waits for Redis at most; 50 ms by default, 1 ms to 1 minute. */
        public Builder deadline(Duration longest) {
            this.deadline = Bounds.within("deadline", longest, Duration.ofMillis(1), Duration.ofMinutes(1));
            return this;
        }

        /**
         * The most requests that wait for one master of Redis at once, those that gave up included until it has answered; 256
         * by default, at least 1. More are answered as if it were out of reach.
         */
        public Builder maxWaiting(int requests) {
            this.maxWaiting = Bounds.atLeastOne("max waiting", requests);
            return this;
        }

        /** The most sessions that are kept to be told to Redis when it is back; 65,536 by default, at least 1. */
        public Builder maxPending(int sessions) {
            this.maxPending = Bounds.atLeastOne("max pending", sessions);
            return this;
        }

        /**
         * For how long a session is answered from memory without Redis confirming it, while it can be asked; by default a
         * quarter of the idle time, which is also the most allowed, and a minute at most; 10 ms to 1 day. Changes are seen at
         * once by tracking: this is the bound for what tracking might miss.
         */
        public Builder maxStale(Duration longest) {
            this.maxStale = Optional.of(Bounds.within("max stale", longest, Duration.ofMillis(10), Duration.ofDays(1)));
            return this;
        }

        /** What the names of all keys begin with; {@code remora:session:} by default, up to 64 visible ASCII characters. */
        public Builder keyPrefix(String prefix) {
            this.keys = new SessionKeys(prefix);
            return this;
        }

        /** Who is told of lost bindings and of Redis's coming and going; nobody by default. */
        public Builder listener(SessionListener newListener) {
            this.listener = Objects.requireNonNull(newListener);
            return this;
        }

        /**
         * Makes a map, which begins to connect; it is of use at once, and does not fail when Redis is out of reach.
         *
         * @throws IllegalArgumentException if a session in use would be forgotten before it is confirmed
         */
        public RedisSessionMap build() {
            Duration quarter = retention.idle().dividedBy(4);
            if (maxStale.filter(longest -> longest.compareTo(quarter) > 0).isPresent()) {
                throw new IllegalArgumentException("max stale: " + maxStale.get()
                        + " (expected: at most a quarter of the idle time, " + quarter + ")");
            }
            return new RedisSessionMap(this);
        }

        Duration maxStale() {
            Duration quarter = retention.idle().dividedBy(4);
            return maxStale.orElse(quarter.compareTo(Duration.ofMinutes(1)) < 0 ? quarter : Duration.ofMinutes(1));
        }
    }
}
