package dev.remora.benchmarks;

import com.google.common.util.concurrent.RateLimiter;
import dev.remora.exchange.NanoClock;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.TokenBucket;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one bucket that everybody shares costs, beside those of Bucket4j, Resilience4j and Guava.
 *
 * <p>The workloads: {@code ALLOW}, a limit of a thousand million a second that is never reached; {@code REJECT}, one an hour that
 * is used up; {@code MIXED}, both in turn. Bucket4j runs as it comes, by the time of day in milliseconds, and by nanoseconds.
 * Resilience4j's does not park: its timeout is zero.
 *
 * <p>The floors: {@link #nanoTime}, a reading of the clock, which all of them need, and {@link #fetchAdd}, one atomic addition.
 *
 * <pre>{@code
 * java -jar benchmarks/target/benchmarks.jar LimitBenchmark -prof gc -t 1
 * java -jar benchmarks/target/benchmarks.jar LimitBenchmark -prof gc -t 2
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class LimitBenchmark {

    private static final int MOST = 1_000_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /** How many are let pass. */
    public enum Traffic {
        /** All. */
        ALLOW,
        /** None. */
        REJECT,
        /** Every other one. */
        MIXED
    }

    /** A floor. */
    @Benchmark
    public long nanoTime() {
        return System.nanoTime();
    }

    /** A floor. */
    @Benchmark
    public long fetchAdd(Word word) {
        return word.value.getAndIncrement();
    }

    /** Ours. */
    @Benchmark
    public boolean remora(Buckets buckets, Turn turn) {
        return (turn.isWide(buckets.traffic) ? buckets.wide : buckets.narrow).tryAcquire();
    }

    /** Ours, on a clock that is exact always. */
    @Benchmark
    public boolean remoraExact(Buckets buckets, Turn turn) {
        return (turn.isWide(buckets.traffic) ? buckets.wideExact : buckets.narrowExact).tryAcquire();
    }

    /** Guava's. */
    @Benchmark
    public boolean guava(Guava guava, Turn turn) {
        return (turn.isWide(guava.traffic) ? guava.wide : guava.narrow).tryAcquire();
    }

    /** Resilience4j's. */
    @Benchmark
    public boolean resilience4j(Resilience4j resilience4j, Turn turn) {
        return (turn.isWide(resilience4j.traffic) ? resilience4j.wide : resilience4j.narrow).acquirePermission();
    }

    /** Bucket4j's, as it comes. */
    @Benchmark
    public boolean bucket4j(Bucket4j bucket4j, Turn turn) {
        return (turn.isWide(bucket4j.traffic) ? bucket4j.wide : bucket4j.narrow).tryConsume(1);
    }

    /** Bucket4j's, by nanoseconds. */
    @Benchmark
    public boolean bucket4jNanos(Bucket4j bucket4j, Turn turn) {
        return (turn.isWide(bucket4j.traffic) ? bucket4j.wideNanos : bucket4j.narrowNanos).tryConsume(1);
    }

    /** Whose turn it is, for each thread. */
    @State(Scope.Thread)
    public static class Turn {
        private boolean wide;

        boolean isWide(Traffic traffic) {
            if (traffic == Traffic.MIXED) {
                wide = !wide;
                return wide;
            }
            return traffic == Traffic.ALLOW;
        }
    }

    /** A word of memory. */
    @State(Scope.Benchmark)
    public static class Word {
        private final AtomicLong value = new AtomicLong();
    }

    /** Ours. */
    @State(Scope.Benchmark)
    public static class Buckets {
        /** How many are let pass. */
        @Param
        public Traffic traffic = Traffic.ALLOW;

        private final TokenBucket wide = TokenBucket.of(Limit.requests(MOST, SECOND));
        private final TokenBucket narrow = TokenBucket.of(Limit.requests(1, HOUR));
        private final TokenBucket wideExact = TokenBucket.of(Limit.requests(MOST, SECOND), NanoClock.system());
        private final TokenBucket narrowExact = TokenBucket.of(Limit.requests(1, HOUR), NanoClock.system());

        /** Uses the narrow ones up. */
        @Setup
        public void drain() {
            boolean unused = narrow.tryAcquire();
            boolean unusedToo = narrowExact.tryAcquire();
        }
    }

    /** Guava's. */
    @State(Scope.Benchmark)
    public static class Guava {
        /** How many are let pass. */
        @Param
        public Traffic traffic = Traffic.ALLOW;

        private final RateLimiter wide = RateLimiter.create(MOST);
        private final RateLimiter narrow = RateLimiter.create(1.0 / HOUR.toSeconds());

        /** Uses the narrow one up. */
        @Setup
        public void drain() {
            boolean unused = narrow.tryAcquire();
        }
    }

    /** Resilience4j's. */
    @State(Scope.Benchmark)
    public static class Resilience4j {
        /** How many are let pass. */
        @Param
        public Traffic traffic = Traffic.ALLOW;

        private final io.github.resilience4j.ratelimiter.RateLimiter wide = limiter(MOST, SECOND);
        private final io.github.resilience4j.ratelimiter.RateLimiter narrow = limiter(1, HOUR);

        private static io.github.resilience4j.ratelimiter.RateLimiter limiter(int limit, Duration per) {
            return io.github.resilience4j.ratelimiter.RateLimiter.of(
                    "one",
                    RateLimiterConfig.custom()
                            .limitForPeriod(limit)
                            .limitRefreshPeriod(per)
                            .timeoutDuration(Duration.ZERO)
                            .build());
        }

        /** Uses the narrow one up. */
        @Setup
        public void drain() {
            boolean unused = narrow.acquirePermission();
        }
    }

    /** Bucket4j's. */
    @State(Scope.Benchmark)
    public static class Bucket4j {
        /** How many are let pass. */
        @Param
        public Traffic traffic = Traffic.ALLOW;

        private final Bucket wide = bucket(MOST, SECOND, false);
        private final Bucket narrow = bucket(1, HOUR, false);
        private final Bucket wideNanos = bucket(MOST, SECOND, true);
        private final Bucket narrowNanos = bucket(1, HOUR, true);

        private static Bucket bucket(long limit, Duration per, boolean nanos) {
            var builder = Bucket.builder().addLimit(rate -> rate.capacity(limit).refillGreedy(limit, per));
            return (nanos ? builder.withNanosecondPrecision() : builder).build();
        }

        /** Uses the narrow ones up. */
        @Setup
        public void drain() {
            boolean unused = narrow.tryConsume(1);
            boolean unusedToo = narrowNanos.tryConsume(1);
        }
    }
}
