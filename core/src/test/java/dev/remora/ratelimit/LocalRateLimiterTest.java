package dev.remora.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LocalRateLimiterTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);

    private LocalRateLimiterBuilder local(Limit... limits) {
        return RateLimiter.local(limits).clock(now::get);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static long admitted(RateLimiter limiter, String key, int times) {
        return IntStream.range(0, times)
                .filter(i -> limiter.tryAcquire(key, Usage.ONE_REQUEST))
                .count();
    }

    @Test
    void eachKeyHasItsOwn() {
        RateLimiter limiter = local(Limit.requests(2, SECOND)).build();
        assertThat(admitted(limiter, "a", 5)).isEqualTo(2);
        assertThat(admitted(limiter, "b", 5)).isEqualTo(2);
        pass(Duration.ofMillis(500));
        assertThat(admitted(limiter, "a", 5)).isEqualTo(1);
    }

    @Test
    void aRequestPassesAllLimitsOrTakesNothing() {
        RateLimiter limiter = local(
                        Limit.requests(10, SECOND),
                        Limit.requests(3, MINUTE).named("minute"),
                        Limit.tokens(1_000, MINUTE))
                .build();
        Usage usage = Usage.request(100, 300);
        assertThat(limiter.tryAcquire("a", usage)).isTrue();
        assertThat(limiter.tryAcquire("a", usage)).isTrue();
        Decision denied = limiter.decide("a", usage);
        assertThat(denied.allowed()).isFalse();
        assertThat(denied.limit().name()).isEqualTo("tokens");
        assertThat(denied.remaining()).isEqualTo(200);
        assertThat(denied.retryAfter()).contains(Duration.ofSeconds(12));
        assertThat(limiter.decide("a", Usage.ONE_REQUEST).allowed())
                .as("the third of the minute")
                .isTrue();
        assertThat(limiter.decide("a", Usage.ONE_REQUEST).limit().name()).isEqualTo("minute");
    }

    @Test
    void theOneThatDeniesForTheLongestTimeIsNamed() {
        RateLimiter limiter = local(
                        Limit.requests(1, SECOND),
                        Limit.requests(1, MINUTE).named("minute"),
                        Limit.requests(1, Duration.ofHours(1)).named("hour"))
                .build();
        assertThat(limiter.tryAcquire("a", Usage.ONE_REQUEST)).isTrue();
        Decision denied = limiter.decide("a", Usage.ONE_REQUEST);
        assertThat(denied.limit().name()).isEqualTo("hour");
        assertThat(denied.retryAfter()).contains(Duration.ofHours(1));
    }

    @Test
    void anAllowedRequestLearnsWhatIsLeftOfTheTightest() {
        RateLimiter limiter = local(
                        Limit.requests(100, SECOND), Limit.requests(10, MINUTE).named("minute"))
                .build();
        Decision allowed = limiter.decide("a", Usage.ONE_REQUEST);
        assertThat(allowed.allowed()).isTrue();
        assertThat(allowed.limit().name()).isEqualTo("minute");
        assertThat(allowed.remaining()).isEqualTo(9);
        assertThat(allowed.retryAfter()).contains(Duration.ZERO);
        assertThat(allowed.resetAfter()).isEqualTo(Duration.ofSeconds(6));
        assertThat(allowed.source()).isEqualTo(Decision.Source.LOCAL);
    }

    @Test
    void peekTakesNothing() {
        RateLimiter limiter = local(Limit.requests(1, SECOND)).build();
        assertThat(limiter.peek("a").allowed()).isTrue();
        assertThat(limiter.peek("a").remaining()).isOne();
        assertThat(admitted(limiter, "a", 2)).isEqualTo(1);
        assertThat(limiter.peek("a").allowed()).isFalse();
        assertThat(limiter.peek("a").retryAfter()).contains(SECOND);
    }

    @Test
    void moreThanTheBurstIsNeverThere() {
        RateLimiter limiter = local(Limit.requests(3, SECOND)).build();
        Decision denied = limiter.decide("a", Usage.requests(4));
        assertThat(denied.allowed()).isFalse();
        assertThat(denied.retryAfter()).isEmpty();
        assertThat(limiter.tryAcquire("a", Usage.requests(3))).isTrue();
    }

    @Test
    void whatNoLimitCountsIsNoUsage() {
        RateLimiter limiter = local(Limit.requests(3, SECOND)).build();
        assertThatThrownBy(() -> limiter.tryAcquire("a", Usage.NONE))
                .hasMessageContaining("expected: something that a limit counts");
        assertThatThrownBy(() -> limiter.tryAcquire("a", Usage.tokens(5, 5)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aShadowLetsPassAndTells() {
        List<String> told = new ArrayList<>();
        RateLimiter limiter = local(
                        Limit.requests(1, SECOND).asShadow(),
                        Limit.requests(3, SECOND).named("real"))
                .listener((key, decision) -> told.add(key + " "
                        + decision.limit().name() + " " + decision.limit().shadow()))
                .build();
        assertThat(admitted(limiter, "a", 4)).isEqualTo(3);
        assertThat(told).containsExactly("a requests true", "a requests true", "a real false");
    }

    @Test
    void aShadowIsNotToldToClients() {
        RateLimiter limiter = local(
                        Limit.requests(2, MINUTE).asShadow(),
                        Limit.requests(9, MINUTE).named("real"))
                .build();
        assertThat(limiter.decide("a", Usage.ONE_REQUEST).limit().name()).isEqualTo("real");
        assertThat(limiter.peek("a").remaining()).isEqualTo(8);
    }

    @Test
    void aListenerThatThrowsDeniesNobody() {
        RateLimiter limiter = local(Limit.requests(1, SECOND).asShadow())
                .listener((key, decision) -> {
                    throw new IllegalStateException("a broken listener");
                })
                .build();
        assertThat(admitted(limiter, "a", 3)).isEqualTo(3);
    }

    @Test
    void longKeysAreToldApart() {
        RateLimiter limiter = local(Limit.requests(1, SECOND)).build();
        String megabyte = "x".repeat(1_000_000);
        assertThat(admitted(limiter, megabyte + "1", 2)).isEqualTo(1);
        assertThat(admitted(limiter, megabyte + "2", 2)).isEqualTo(1);
        assertThat(limiter.peek(megabyte + "1").allowed()).isFalse();
    }

    // ---- charges, refunds and reservations

    @Test
    void fiveConcurrentCallsOnAHundredTokensAMinuteAreReserved() {
        RateLimiter limiter = local(Limit.tokens(100, MINUTE)).build();
        List<Reservation> calls = IntStream.range(0, 5)
                .mapToObj(i -> limiter.reserve("team", Usage.request(13, 20)))
                .toList();
        assertThat(calls.stream().filter(call -> call.decision().allowed()))
                .as("33 each: three fit into 100")
                .hasSize(3);
        calls.forEach(call -> call.settle(Usage.request(13, 10)));
        assertThat(limiter.peek("team").remaining())
                .as("three have used 23 each")
                .isEqualTo(31);
    }

    @Test
    void aStreamOf1200TokensOnALimitOf1000LeavesADebtOf200() {
        RateLimiter limiter = local(Limit.tokens(1_000, MINUTE)).build();
        Reservation stream = limiter.reserve("a", Usage.request(0, 500));
        boolean within = true;
        for (int i = 0; i < 1_200; i++) {
            within = stream.add(Usage.tokens(0, 1));
            assertThat(within).as("token %d", i).isEqualTo(i < 1_000);
        }
        stream.settle(Usage.request(0, 1_200));
        Decision next = limiter.decide("a", Usage.request(0, 1));
        assertThat(next.allowed()).isFalse();
        assertThat(next.retryAfter()).contains(Duration.ofSeconds(12).plusMillis(60));
    }

    @Test
    void settlingTwiceSettlesOnce() {
        RateLimiter limiter = local(Limit.tokens(100, MINUTE)).build();
        Reservation stream = limiter.reserve("a", Usage.request(0, 60));
        stream.settle(Usage.request(0, 10));
        stream.settle(Usage.request(0, 0));
        stream.cancel();
        stream.settleSeen();
        assertThat(stream.add(Usage.tokens(0, 1_000))).isTrue();
        assertThat(limiter.peek("a").remaining()).isEqualTo(90);
    }

    @Test
    void aClientThatLeavesPaysForWhatWasSeen() {
        RateLimiter limiter = local(Limit.tokens(100, MINUTE)).build();
        Reservation stream = limiter.reserve("a", Usage.request(5, 60));
        stream.used(Usage.request(5, 20));
        stream.settleSeen();
        assertThat(limiter.peek("a").remaining()).isEqualTo(75);
    }

    @Test
    void aDeniedReservationHoldsNothing() {
        RateLimiter limiter = local(Limit.tokens(100, MINUTE)).build();
        Reservation stream = limiter.reserve("a", Usage.request(0, 101));
        assertThat(stream.decision().allowed()).isFalse();
        stream.settle(Usage.request(0, 50));
        stream.cancel();
        assertThat(limiter.peek("a").remaining()).isEqualTo(100);
    }

    @Test
    void refundsOfAKeyThatIsNotKnownDoNothing() {
        RateLimiter limiter = local(Limit.requests(2, SECOND)).build();
        limiter.refund("a", Usage.requests(5));
        assertThat(admitted(limiter, "a", 5)).isEqualTo(2);
    }

    // ---- many keys

    @Test
    void aFloodOfKeysSharesOneBucketAndAKnownAbuserStaysLimited() {
        int most = 1_000;
        RateLimiter limiter = local(Limit.requests(5, MINUTE)).maxKeys(most).build();
        assertThat(admitted(limiter, "abuser", 10)).isEqualTo(5);
        Random random = new Random(1);
        long flood = 0;
        for (int i = 0; i < 2_000_000; i++) {
            flood += limiter.tryAcquire("key-" + random.nextLong(), Usage.ONE_REQUEST) ? 1 : 0;
            if (i % 10_000 == 0) {
                assertThat(limiter.tryAcquire("abuser", Usage.ONE_REQUEST)).isFalse();
            }
        }
        assertThat(flood)
                .as("one each for the known, and one bucket for all others")
                .isEqualTo(most - 1 + 5);
    }

    @Test
    void whatIsGivenBackOfAForgottenKeyFillsNoBucketOfOthers() {
        RateLimiter limiter = local(Limit.requests(10, MINUTE)).maxKeys(4).build();
        List<Reservation> held = IntStream.range(0, 4)
                .mapToObj(i -> limiter.reserve("first " + i, Usage.requests(10)))
                .toList();
        pass(MINUTE);
        for (int i = 0; i < 4; i++) {
            limiter.tryAcquire("second " + i, Usage.ONE_REQUEST);
        }
        assertThat(admitted(limiter, "unknown", 100)).isEqualTo(10);
        held.forEach(Reservation::cancel);
        assertThat(admitted(limiter, "unknown", 100)).isZero();
    }

    @Test
    void aKeyThatBeginsEmptyIsFullInTimeWhetherItIsKnownOrNot() {
        RateLimiter limiter =
                local(Limit.requests(6, MINUTE).withInitial(0)).maxKeys(4).build();
        assertThat(admitted(limiter, "early", 6)).isZero();
        pass(Duration.ofSeconds(30));
        assertThat(admitted(limiter, "late", 6)).isEqualTo(3);
        pass(MINUTE.multipliedBy(2));
        for (int i = 0; i < 4; i++) {
            limiter.tryAcquire("other " + i, Usage.ONE_REQUEST);
        }
        assertThat(admitted(limiter, "early", 6))
                .as("of one that was forgotten")
                .isEqualTo(6);
    }

    @Test
    void aKeyThatFindsNoPlaceIsDeniedAsPeekSays() {
        LocalRateLimiterBuilder settings =
                local(Limit.requests(5, MINUTE)).maxKeys(1).overflow(Overflow.REJECT_NEW);
        RateLimiter limiter = settings.build();
        limiter.tryAcquire("first", Usage.ONE_REQUEST);
        assertThat(limiter.peek("second").allowed()).isFalse();
        assertThat(limiter.tryAcquire("second", Usage.ONE_REQUEST)).isFalse();
    }

    @Test
    void aShadowDeniesNobodyWhoFindsNoPlace() {
        RateLimiter limiter = local(Limit.requests(5, MINUTE).asShadow())
                .maxKeys(1)
                .overflow(Overflow.REJECT_NEW)
                .build();
        limiter.tryAcquire("first", Usage.ONE_REQUEST);
        assertThat(limiter.tryAcquire("second", Usage.ONE_REQUEST)).isTrue();
        assertThat(limiter.peek("second").allowed()).isTrue();
    }

    @Test
    void aShadowTellsTheKeyAsItWasGiven() {
        List<String> told = new ArrayList<>();
        RateLimiter limiter = local(Limit.requests(1, MINUTE).asShadow())
                .maxKeys(1)
                .listener((key, decision) -> told.add(key))
                .build();
        for (String key : List.of("first", "second", "second")) {
            limiter.tryAcquire(key, Usage.ONE_REQUEST);
        }
        assertThat(told).containsExactly("second");
    }

    @Test
    void aRevisionForgetsNothingThatWasTaken() {
        RateLimiter limiter = local(Limit.tokens(100, MINUTE)).build();
        Reservation stream = limiter.reserve("a", Usage.tokens(0, 10));
        stream.add(Usage.tokens(0, 20));
        stream.revise(Usage.tokens(0, 15));
        assertThat(limiter.peek("a").remaining()).isEqualTo(80);
        stream.revise(Usage.tokens(0, 50));
        assertThat(limiter.peek("a").remaining()).isEqualTo(50);
        stream.settle(Usage.tokens(0, 20));
        assertThat(limiter.peek("a").remaining()).isEqualTo(80);
        stream.revise(Usage.tokens(0, 50));
        assertThat(limiter.peek("a").remaining()).isEqualTo(80);
    }

    @Test
    void keysAreForgottenWhenTheirBucketsAreFull() {
        RateLimiter limiter = local(Limit.requests(5, MINUTE))
                .maxKeys(100)
                .overflow(Overflow.REJECT_NEW)
                .build();
        IntStream.range(0, 100).forEach(i -> limiter.tryAcquire("old-" + i, Usage.ONE_REQUEST));
        assertThat(admitted(limiter, "new", 1)).isZero();
        Decision denied = limiter.decide("new", Usage.ONE_REQUEST);
        assertThat(denied.retryAfter()).contains(Duration.ofSeconds(12));
        pass(Duration.ofSeconds(12).minusNanos(1));
        assertThat(admitted(limiter, "new", 100)).isZero();
        pass(Duration.ofNanos(1));
        assertThat(IntStream.range(0, 100)
                        .filter(i -> limiter.tryAcquire("new-" + i, Usage.ONE_REQUEST))
                        .count())
                .isEqualTo(100);
        assertThat(admitted(limiter, "newer", 1)).isZero();
    }

    @ParameterizedTest
    @EnumSource(Overflow.class)
    void aThousandTimesAsManyKeysAsAreKnownTakeNoMorePlaces(Overflow overflow) {
        Pace[] paces = {new Pace(Limit.requests(5, MINUTE))};
        KnownKeys keys = new KnownKeys(paces, 100, overflow, now.get());
        for (int i = 0; i < 100_000; i++) {
            Buckets buckets = keys.find("key-" + i, now.get());
            if (buckets != null) {
                buckets.take(0, paces[0], paces[0].cost(1), now.get());
            }
        }
        assertThat(keys.size()).isLessThanOrEqualTo(100);
    }

    @Test
    void keysThatComeAndGoWhileThreadsUseThemLoseNothing() throws Exception {
        int threads = 4;
        int perKey = 3;
        // So short a memory that keys are forgotten all the time, as soon as their buckets are full.
        RateLimiter limiter = local(Limit.requests(perKey, Duration.ofNanos(1_000)))
                .maxKeys(8)
                .overflow(Overflow.REJECT_NEW)
                .build();
        AtomicInteger[] admitted =
                IntStream.range(0, 40).mapToObj(i -> new AtomicInteger()).toArray(AtomicInteger[]::new);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 500; round++) {
                List<Future<?>> running = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    running.add(pool.submit(() -> {
                        for (int key = 0; key < admitted.length; key++) {
                            for (int n = 0; n < 3; n++) {
                                if (limiter.tryAcquire("k" + key, Usage.ONE_REQUEST)) {
                                    admitted[key].incrementAndGet();
                                }
                            }
                        }
                    }));
                }
                for (Future<?> one : running) {
                    one.get();
                }
                for (AtomicInteger count : admitted) {
                    assertThat(count.getAndSet(0)).isLessThanOrEqualTo(perKey);
                }
                pass(Duration.ofNanos(1_000));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aWalkThroughTakesRefundsAndChargesNeverAdmitsTooMuch() {
        Random random = new Random(17);
        for (int round = 0; round < 100; round++) {
            RateLimiter limiter = local(
                            Limit.requests(20, SECOND).withBurst(10),
                            Limit.tokens(500, SECOND).withBurst(300).withMaxDebt(200))
                    .build();
            long begin = now.get();
            long requests = 0;
            long tokens = 0;
            for (int i = 0; i < 500; i++) {
                pass(Duration.ofMillis(random.nextInt(30)));
                Usage usage = Usage.request(random.nextInt(50), random.nextInt(50));
                if (limiter.tryAcquire("a", usage)) {
                    requests++;
                    tokens += usage.tokens();
                    if (random.nextInt(4) == 0) {
                        long spare = usage.outputTokens() / 2;
                        limiter.refund("a", Usage.tokens(0, spare));
                        tokens -= spare;
                    }
                }
                double seconds = (now.get() - begin) / 1e9;
                assertThat((double) requests).isLessThanOrEqualTo(20 * seconds + 10);
                assertThat((double) tokens).isLessThanOrEqualTo(500 * seconds + 300 + 1);
            }
        }
    }
}
