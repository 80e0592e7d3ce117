package dev.remora.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.remora.affinity.AffinityKey;
import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import dev.remora.redis.Redis;
import dev.remora.redis.RedisServer;
import dev.remora.redis.RedisSessionMap;
import dev.remora.redis.RedisVersion;
import dev.remora.session.Binding;
import dev.remora.session.Retention;
import dev.remora.session.SessionMap;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a look for a session that is known here costs, when it is kept in this process alone and when it is shared through
 * Redis.
 *
 * <p>The workload: one session, or 100,000 that are looked for in an order drawn beforehand, each as likely as any other,
 * which is the hardest for the processor's caches. The key of a look is equal to the one that is kept, and not the same, as
 * in a gateway; it is made beforehand. There is room for 120,000 sessions, so none is evicted. A real Redis on this machine
 * has confirmed all that are shared, and would tell of changes; none is made. All entries are old for the garbage collector,
 * as in a gateway, where a write of a reference costs more than into what is young: a cache that is more than half full
 * puts each entry that was read in order, and writes several. Not in it: the question in the background by
 * which a session in use is confirmed once in most of a minute.
 *
 * <p>The floors: {@link #nextKey} is the loop with nothing in it; {@link #bareCaffeine} is a cache of the same size, keys
 * and evictions in which nothing expires.
 *
 * <pre>{@code
 * java -jar benchmarks/target/benchmarks.jar SessionBenchmark -prof gc
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SessionBenchmark {

    /** A floor: the loop, and the next key in turn. */
    @Benchmark
    public AffinityKey nextKey(Turn turn) {
        return turn.next();
    }

    /** A floor: a cache without expiry. */
    @Benchmark
    public @Nullable Object bareCaffeine(Bare bare, Turn turn) {
        return bare.cache.getIfPresent(turn.next());
    }

    /** A session of this process alone. */
    @Benchmark
    public Optional<Binding> localPeek(Local local, Turn turn) {
        return local.map.peek(turn.next());
    }

    /** A session that is shared. */
    @Benchmark
    public Optional<Binding> sharedPeek(Shared shared, Turn turn) {
        return shared.map.peek(turn.next());
    }

    /** The sessions, and in which order they are looked for. */
    @State(Scope.Benchmark)
    public static class Sessions {
        private static final int LOOKS = 1 << 18;
        private static final long SEED = 20_261_123;

        // Nothing expires and nothing is confirmed while it is measured.
        private static final Retention RETENTION =
                Retention.idle(Duration.ofDays(7)).withMaxEntries(120_000);

        private static final BackendId[] BACKENDS = IntStream.range(0, 10)
                .mapToObj(i -> new BackendId("backend-" + i))
                .toArray(BackendId[]::new);

        /** How many there are. */
        @Param({"1", "100000"})
        public int sessions;

        private AffinityKey[] keys = {};
        private AffinityKey[] looks = {};

        /** Draws the order. */
        @Setup
        public void open() {
            SplittableRandom random = new SplittableRandom(SEED);
            keys = IntStream.range(0, sessions).mapToObj(Sessions::key).toArray(AffinityKey[]::new);
            looks = new AffinityKey[LOOKS];
            for (int i = 0; i < LOOKS; i++) {
                looks[i] = keys[random.nextInt(sessions)];
            }
        }

        // As long as a UUID.
        private static AffinityKey key(int session) {
            return AffinityKey.of("5f0c7d1e-8f2b-4a3c-9d4e-" + (100_000_000_000L + session));
        }

        private static BackendId backend(int session) {
            return BACKENDS[session % BACKENDS.length];
        }

        // It allocates nothing: what is done after the last iteration is counted to it.
        private void checkAllKnown(SessionMap map) {
            for (int i = 0; i < sessions; i++) {
                Optional<Binding> known = map.peek(keys[i]);
                if (known.isEmpty() || !known.get().backend().equals(backend(i))) {
                    throw new IllegalStateException("session " + i + ": " + known + " (expected: " + backend(i) + ")");
                }
            }
        }
    }

    /** Whose turn it is. */
    @State(Scope.Thread)
    public static class Turn {
        private AffinityKey[] looks = {};
        private int turn;

        /** Begins. */
        @Setup
        public void open(Sessions sessions) {
            looks = sessions.looks;
        }

        private AffinityKey next() {
            return looks[turn++ & (Sessions.LOOKS - 1)];
        }
    }

    /** The floor. */
    @State(Scope.Benchmark)
    public static class Bare {
        private final Cache<AffinityKey, Optional<Binding>> cache = Caffeine.newBuilder()
                .maximumWeight(Sessions.RETENTION.maxBytes())
                .weigher((AffinityKey key, Optional<Binding> binding) ->
                        Sessions.RETENTION.weight(key, binding.orElseThrow()))
                .executor(Runnable::run)
                .build();

        /** Fills it. */
        @Setup
        public void open(Sessions sessions) {
            for (int i = 0; i < sessions.sessions; i++) {
                cache.put(Sessions.key(i), Optional.of(new Binding(Sessions.backend(i), i)));
            }
            System.gc();
        }
    }

    /** The map of this process. */
    @State(Scope.Benchmark)
    public static class Local {
        private final SessionMap map = SessionMap.local(Sessions.RETENTION, NanoClock.system());

        /** Binds all sessions. */
        @Setup
        public void open(Sessions sessions) {
            for (int i = 0; i < sessions.sessions; i++) {
                map.presume(Sessions.key(i), Sessions.backend(i));
            }
            System.gc();
            sessions.checkAllKnown(map);
        }

        /** Checks that all looks were hits. */
        @TearDown
        public void close(Sessions sessions) {
            sessions.checkAllKnown(map);
        }
    }

    /** The shared map, and its Redis. */
    @State(Scope.Benchmark)
    public static class Shared {
        private static final int AT_ONCE = 128;

        private final RedisServer redis = RedisServer.start(RedisVersion.V7_0);
        private final RedisSessionMap map = RedisSessionMap.builder(Redis.at(redis.uri()))
                .retention(Sessions.RETENTION)
                .maxStale(Duration.ofDays(1))
                .deadline(Duration.ofSeconds(10))
                .build();

        /** Binds all sessions, in Redis. */
        @Setup
        public void open(Sessions sessions) {
            Patience.until("Redis is reached", map::reachable);
            for (int from = 0; from < sessions.sessions; from += AT_ONCE) {
                int to = Math.min(sessions.sessions, from + AT_ONCE);
                IntStream.range(from, to)
                        .mapToObj(i -> map.bind(Sessions.key(i), Sessions.backend(i)))
                        .toList()
                        .forEach(bound -> bound.toCompletableFuture().join());
            }
            System.gc();
            sessions.checkAllKnown(map);
            check();
        }

        /** Checks that all looks were hits that Redis stood for. */
        @TearDown
        public void close(Sessions sessions) {
            try {
                sessions.checkAllKnown(map);
                check();
            } finally {
                map.close();
                redis.close();
            }
        }

        private void check() {
            var stats = map.stats();
            if (!stats.reachable() || stats.presumed() + stats.shortcuts() + stats.late() > 0) {
                throw new IllegalStateException(stats + " (expected: Redis has confirmed all sessions)");
            }
        }
    }
}
