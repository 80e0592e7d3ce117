package dev.remora.benchmarks;

import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.pool.Backend;
import dev.remora.redis.Redis;
import dev.remora.redis.RedisSessionMap;
import dev.remora.redis.SessionStats;
import dev.remora.session.Binding;
import dev.remora.session.Retention;
import dev.remora.session.SessionListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Four gateways in this process, each with connections, memory and threads of its own, on one Redis. Thread-safe. */
final class SharedGateways implements AutoCloseable {

    static final int COUNT = 4;
    /** How long a request waits for Redis, as by default. */
    static final Duration DEADLINE = Duration.ofMillis(50);

    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
    private static final Backend[] BACKENDS = IntStream.range(0, 5)
            .mapToObj(i -> Backend.of("backend-" + i, "http://127.0.0.1:" + (20_000 + i)))
            .toArray(Backend[]::new);

    private final List<One> gateways;

    /** One of them, and when it last found and lost Redis. */
    private static final class One implements SessionListener {

        private final RedisSessionMap sessions;
        private final LoadBalancer balancer;
        // Written by the map's thread.
        private volatile long losses;
        private volatile long reachedNanos;

        One(Redis redis, Retention retention) {
            sessions = RedisSessionMap.builder(redis)
                    .retention(retention)
                    .deadline(DEADLINE)
                    .listener(this)
                    .build();
            balancer = LoadBalancer.builder()
                    .backends(BACKENDS)
                    .affinity(AffinityRule.header(SampleRequest.SESSION_HEADER))
                    .sessions(sessions)
                    .build();
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        public void reachabilityChanged(String store, boolean reachable) {
            if (reachable) {
                reachedNanos = System.nanoTime();
            } else {
                losses++;
            }
        }
    }

    /** Gateways with sessions of that retention; returns when they all reach Redis. */
    SharedGateways(Redis redis, Retention retention) {
        gateways = Stream.generate(() -> new One(redis, retention)).limit(COUNT).toList();
        try {
            Patience.until("all gateways reach Redis", this::allReach);
        } catch (IllegalStateException e) {
            close();
            throw e;
        }
    }

    CompletionStage<Pick> acquire(int gateway, String session) {
        return gateways.get(gateway).balancer.acquire(new SampleRequest(List.of(), List.of(session), CLIENT));
    }

    RedisSessionMap map(int gateway) {
        return gateways.get(gateway).sessions;
    }

    /** How often each of them has lost Redis, or a master. */
    long[] losses() {
        return gateways.stream().mapToLong(gateway -> gateway.losses).toArray();
    }

    /** Whether each of them has lost Redis since then, and all reach it again. */
    boolean haveReturnedSince(long[] losses) {
        return IntStream.range(0, COUNT).allMatch(i -> gateways.get(i).losses > losses[i]) && allReach();
    }

    private boolean allReach() {
        return gateways.stream().allMatch(gateway -> gateway.sessions.reachable());
    }

    /** When the last of them has found Redis, as {@link System#nanoTime} counts. */
    long reachedNanos() {
        return gateways.stream()
                .mapToLong(gateway -> gateway.reachedNanos)
                .reduce((a, b) -> a - b > 0 ? a : b)
                .orElseThrow();
    }

    /** Whether Redis has been told everything, and no two of them tell different back ends for one of the sessions. */
    boolean agree(Collection<String> sessions) {
        return allReach()
                && sum(SessionStats::pending) == 0
                && sessions.stream().map(AffinityKey::of).allMatch(this::agree);
    }

    // What a gateway does not tell by itself, it asks Redis for; so it agrees with whatever Redis says.
    private boolean agree(AffinityKey key) {
        return gateways.stream()
                        .map(gateway -> gateway.sessions.peek(key))
                        .flatMap(Optional::stream)
                        .map(Binding::backend)
                        .distinct()
                        .count()
                <= 1;
    }

    /** One number of all maps together. */
    long sum(ToLongFunction<SessionStats> number) {
        return gateways.stream()
                .mapToLong(gateway -> number.applyAsLong(gateway.sessions.stats()))
                .sum();
    }

    long openStreams() {
        return gateways.stream()
                .mapToLong(gateway -> gateway.balancer.stats().openStreams())
                .sum();
    }

    @Override
    public void close() {
        gateways.forEach(gateway -> gateway.balancer.close());
        gateways.forEach(gateway -> gateway.sessions.close());
    }
}
