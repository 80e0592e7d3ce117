package dev.remora.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.google.common.util.concurrent.RateLimiter;
import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Limit;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a limit for each key costs, beside limits of Bucket4j, Guava and Resilience4j kept by key.
 *
 * <p>The workload: 131,072 keys that are all known, looked for in an order drawn beforehand by Zipf's law with an exponent of
 * 0.99, each with a limit that is never reached: a thousand million a
 * second, and of ours as many a year, because a key whose bucket is full would be forgotten when others come. The key of a request is equal to the one that is
 * kept, and not the same. The peers' limits are kept in a Caffeine cache of the same size, except Resilience4j's, which has a
 * registry of its own that is not bounded.
 *
 * <p>The floors: {@link #caffeineAndClock}, a get of a bounded Caffeine cache and a reading of the clock, and
 * {@link #unboundedAndClock}, the same of one without a bound, which keeps no order of its entries.
 *
 * <pre>{@code
 * java -jar benchmarks/target/benchmarks.jar KeyedLimitBenchmark -prof gc -t 1
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class KeyedLimitBenchmark {

    private static final int KEYS = 1 << 17;
    private static final int DRAWS = 1 << 20;
    private static final double EXPONENT = 0.99;
    private static final int MOST = 1_000_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** A floor. */
    @Benchmark
    public long caffeineAndClock(Floor floor, Turn turn) {
        Object found = floor.bounded.getIfPresent(turn.next());
        return System.nanoTime() + (found == null ? 1 : 0);
    }

    /** A floor. */
    @Benchmark
    public long unboundedAndClock(Floor floor, Turn turn) {
        Object found = floor.unbounded.getIfPresent(turn.next());
        return System.nanoTime() + (found == null ? 1 : 0);
    }

    /** Ours. */
    @Benchmark
    public boolean remora(Remora remora, Turn turn) {
        return remora.limiter.tryAcquire(turn.next(), Usage.ONE_REQUEST);
    }

    /** Guava's. */
    @Benchmark
    public boolean guava(Guava guava, Turn turn) {
        return guava.limiters.get(turn.next()).tryAcquire();
    }

    /** Resilience4j's. */
    @Benchmark
    public boolean resilience4j(Resilience4j resilience4j, Turn turn) {
        return resilience4j.limiters.rateLimiter(turn.next()).acquirePermission();
    }

    /** Bucket4j's, by nanoseconds. */
    @Benchmark
    public boolean bucket4jNanos(Bucket4j bucket4j, Turn turn) {
        return bucket4j.buckets.get(turn.next()).tryConsume(1);
    }

    private static String key(int i) {
        return "client-" + i;
    }

    private static String[] keys() {
        return IntStream.range(0, KEYS).mapToObj(KeyedLimitBenchmark::key).toArray(String[]::new);
    }

    /** The next key, for each thread. */
    @State(Scope.Thread)
    public static class Turn {
        private final String[] keys = keys();
        private final int[] order = new int[DRAWS];
        private int next;

        /** Draws the order; keys that are near each other in rank are not near in memory. */
        @Setup
        public void draw() {
            double[] sums = new double[KEYS];
            double sum = 0;
            for (int i = 0; i < KEYS; i++) {
                sum += Math.pow(i + 1.0, -EXPONENT);
                sums[i] = sum;
            }
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < DRAWS; i++) {
                int found = Arrays.binarySearch(sums, random.nextDouble() * sum);
                int rank = Math.min(KEYS - 1, found < 0 ? -found - 1 : found);
                order[i] = (int) ((rank * 2_654_435_761L) & (KEYS - 1));
            }
        }

        String next() {
            return keys[order[next++ & (DRAWS - 1)]];
        }
    }

    /** Caches. */
    @State(Scope.Benchmark)
    public static class Floor {
        private final Cache<String, Object> bounded =
                Caffeine.newBuilder().maximumSize(2 * KEYS).build();
        private final Cache<String, Object> unbounded = Caffeine.newBuilder().build();

        /** Fills them. */
        @Setup
        public void fill() {
            for (String key : keys()) {
                bounded.put(key, new Object());
                unbounded.put(key, new Object());
            }
        }
    }

    /** Ours. */
    @State(Scope.Benchmark)
    public static class Remora {
        private final dev.remora.ratelimit.RateLimiter limiter = dev.remora.ratelimit.RateLimiter.local(
                        Limit.requests(MOST, Duration.ofDays(366)))
                .maxKeys(2 * KEYS)
                .build();

        /** Fills it with keys that are not full. */
        @Setup
        public void fill() {
            for (String key : keys()) {
                limiter.charge(key, Usage.requests(MOST / 1_000));
            }
        }
    }

    /** Guava's. */
    @State(Scope.Benchmark)
    public static class Guava {
        private final LoadingCache<String, RateLimiter> limiters =
                Caffeine.newBuilder().maximumSize(2 * KEYS).build(key -> RateLimiter.create(MOST));
    }

    /** Resilience4j's. */
    @State(Scope.Benchmark)
    public static class Resilience4j {
        private final RateLimiterRegistry limiters = RateLimiterRegistry.of(RateLimiterConfig.custom()
                .limitForPeriod(MOST)
                .limitRefreshPeriod(SECOND)
                .timeoutDuration(Duration.ZERO)
                .build());
    }

    /** Bucket4j's. */
    @State(Scope.Benchmark)
    public static class Bucket4j {
        private final LoadingCache<String, Bucket> buckets = Caffeine.newBuilder()
                .maximumSize(2 * KEYS)
                .build(key -> Bucket.builder()
                        .addLimit(rate -> rate.capacity(MOST).refillGreedy(MOST, SECOND))
                        .withNanosecondPrecision()
                        .build());
    }
}
