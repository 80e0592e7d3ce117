package dev.remora.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final AtomicLong now = new AtomicLong(5);

    private TokenBucket bucket(Limit limit) {
        return TokenBucket.of(limit, now::get);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void hundredASecondWithABurstOfFortyAdmitsFortyAndThenOneEachTenMilliseconds() {
        TokenBucket bucket = bucket(Limit.requests(100, SECOND).withBurst(40));
        long admitted = 0;
        for (int millis = 0; millis < 320; millis++) {
            for (int i = 0; i < 10; i++) {
                admitted += bucket.tryAcquire() ? 1 : 0;
            }
            pass(Duration.ofMillis(1));
        }
        assertThat(admitted).as("40, and 31 for the 319 ms").isEqualTo(71);
    }

    @Test
    void anAmountIsTakenWholeOrNotAtAll() {
        TokenBucket bucket = bucket(Limit.requests(10, SECOND));
        assertThat(bucket.tryAcquire(7)).isTrue();
        assertThat(bucket.tryAcquire(4)).isFalse();
        assertThat(bucket.available()).isEqualTo(3);
        assertThat(bucket.tryAcquire(3)).isTrue();
        assertThat(bucket.available()).isZero();
    }

    @Test
    void whoAsksForMoreThanTheBurstNeverGetsIt() {
        TokenBucket bucket = bucket(Limit.requests(3, SECOND));
        assertThat(bucket.tryAcquire(4)).isFalse();
        assertThat(bucket.waitFor(4)).isEmpty();
        assertThat(bucket.available()).isEqualTo(3);
        assertThat(bucket.tryAcquire(Long.MAX_VALUE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void nothingAndLessIsNoAmount(long amount) {
        TokenBucket bucket = bucket(Limit.requests(3, SECOND));
        assertThatThrownBy(() -> bucket.tryAcquire(amount)).hasMessage("amount: " + amount + " (expected: >= 1)");
        assertThatThrownBy(() -> bucket.charge(amount)).hasMessageContaining("expected: >= 1");
        assertThatThrownBy(() -> bucket.refund(amount)).hasMessageContaining("expected: >= 1");
        assertThatThrownBy(() -> bucket.waitFor(amount)).hasMessageContaining("expected: >= 1");
    }

    @Test
    void theWaitIsAsLongAsItTakes() {
        TokenBucket bucket = bucket(Limit.requests(2, SECOND));
        assertThat(bucket.tryAcquire(2)).isTrue();
        Duration wait = bucket.waitFor(1).orElseThrow();
        assertThat(wait).isEqualTo(Duration.ofMillis(500));
        pass(wait.minusNanos(1));
        assertThat(bucket.tryAcquire()).isFalse();
        pass(Duration.ofNanos(1));
        assertThat(bucket.waitFor(1)).contains(Duration.ZERO);
        assertThat(bucket.tryAcquire()).isTrue();
    }

    @Test
    void itMayBeginWithLess() {
        TokenBucket bucket = bucket(Limit.requests(10, SECOND).withInitial(1));
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.tryAcquire()).isFalse();
        TokenBucket empty = bucket(Limit.requests(10, SECOND).withInitial(0));
        assertThat(empty.tryAcquire()).isFalse();
        pass(Duration.ofMillis(100));
        assertThat(empty.tryAcquire()).isTrue();
    }

    @Test
    void whatIsOwedIsPaidBackBeforeAnythingPasses() {
        TokenBucket bucket = bucket(Limit.tokens(1_000, Duration.ofMinutes(1)));
        bucket.charge(1_200);
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(bucket.waitFor(1)).contains(Duration.ofSeconds(12).plusMillis(60));
        pass(Duration.ofSeconds(12));
        assertThat(bucket.available()).isZero();
        pass(Duration.ofSeconds(6));
        assertThat(bucket.available()).isEqualTo(100);
    }

    @Test
    void debtIsCapped() {
        TokenBucket bucket = bucket(Limit.tokens(1_000, Duration.ofMinutes(1)).withMaxDebt(500));
        bucket.charge(Long.MAX_VALUE);
        bucket.charge(Long.MAX_VALUE);
        pass(Duration.ofSeconds(30));
        assertThat(bucket.available()).isZero();
        pass(Duration.ofMinutes(1));
        assertThat(bucket.available()).isEqualTo(1_000);
    }

    @Test
    void aRefundNeverFillsBeyondTheBurst() {
        TokenBucket bucket = bucket(Limit.requests(10, SECOND));
        bucket.refund(5);
        assertThat(bucket.available()).isEqualTo(10);
        assertThat(bucket.tryAcquire(4)).isTrue();
        bucket.refund(Long.MAX_VALUE);
        assertThat(bucket.available()).isEqualTo(10);
        assertThat(bucket.tryAcquire(11)).isFalse();
    }

    @Test
    void aShadowDeniesNothing() {
        TokenBucket bucket = bucket(Limit.requests(1, SECOND).asShadow());
        assertThat(IntStream.range(0, 10).allMatch(i -> bucket.tryAcquire())).isTrue();
    }

    /** Starts of the clock from which it wraps around, changes its sign, or meets the word for a forgotten key. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                Long.MAX_VALUE - 500_000_000,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                Long.MIN_VALUE + 1,
                Long.MIN_VALUE - 700_000_000,
                -500_000_000,
                0
            })
    void theClockMayBeginAnywhere(long start) {
        now.set(start);
        TokenBucket bucket = bucket(Limit.requests(10, SECOND));
        long admitted = 0;
        for (int i = 0; i < 2_000; i++) {
            admitted += bucket.tryAcquire() ? 1 : 0;
            pass(Duration.ofMillis(1));
        }
        assertThat(admitted).as("10, and 19 for the 1,999 ms").isEqualTo(29);
    }

    @Test
    void noScheduleAdmitsMoreThanRateTimesTimeAndTheBurst() {
        Random random = new Random(29);
        for (int round = 0; round < 300; round++) {
            long amount = random.nextLong(1, 1_001);
            Duration per = Duration.ofNanos(Math.max(amount, random.nextLong(1, 2_000_000_001)));
            long burst = random.nextLong(1, 101);
            now.set(random.nextLong());
            TokenBucket bucket = bucket(Limit.requests(amount, per).withBurst(burst));
            followSchedule(random, bucket, amount, per.toNanos(), burst);
        }
    }

    // Each stretch of time between two admissions is looked at, not only that from the beginning.
    private void followSchedule(Random random, TokenBucket bucket, long amount, long per, long burst) {
        record Admitted(long at, long units) {}
        Deque<Admitted> admitted = new ArrayDeque<>();
        long cost = per / amount;
        long begin = now.get();
        for (int i = 0; i < 300; i++) {
            now.addAndGet((long) (random.nextDouble() * random.nextInt(5) * cost));
            long units = random.nextLong(1, burst + 1);
            if (bucket.tryAcquire(units)) {
                admitted.addFirst(new Admitted(now.get() - begin, units));
            }
            long sum = 0;
            for (Admitted one : admitted) {
                sum += one.units();
                double most = (double) amount * (now.get() - begin - one.at()) / per + burst;
                assertThat((double) sum)
                        .as("in the last %d ns", now.get() - begin - one.at())
                        .isLessThanOrEqualTo(most + 1e-6);
            }
        }
    }

    @Test
    void threadsTogetherTakeExactlyWhatIsThere() throws Exception {
        int threads = 8;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 200; round++) {
                TokenBucket bucket = bucket(Limit.requests(1, SECOND).withBurst(1_000));
                CountDownLatch start = new CountDownLatch(threads);
                LongStream.Builder taken = LongStream.builder();
                var running = IntStream.range(0, threads)
                        .mapToObj(i -> pool.submit(() -> {
                            start.countDown();
                            start.await();
                            return IntStream.range(0, 200)
                                    .filter(n -> bucket.tryAcquire())
                                    .count();
                        }))
                        .toList();
                for (Future<Long> one : running) {
                    taken.add(one.get());
                }
                assertThat(taken.build().sum()).isEqualTo(1_000);
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
