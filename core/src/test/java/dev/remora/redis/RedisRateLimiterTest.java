package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.Decision.Source;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.ratelimit.Reservation;
import dev.remora.wire.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What gateways admit together while Redis answers, on each version of it. */
@Tag("long")
class RedisRateLimiterTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Usage ONE = Usage.ONE_REQUEST;
    private static final String KEY = "client";

    // Nothing comes back while a test runs.
    private static final Limit FORTY = Limit.requests(40, Duration.ofDays(300));
    private static final Limit HUNDRED_A_SECOND =
            Limit.requests(100, Duration.ofSeconds(1)).withBurst(40);

    private static final Map<RedisVersion, RedisServer> SERVERS = new EnumMap<>(RedisVersion.class);

    private final List<RedisRateLimiter> opened = new ArrayList<>();

    @BeforeAll
    static void start() {
        Stream.of(RedisVersion.values()).forEach(version -> SERVERS.put(version, RedisServer.start(version)));
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(RedisServer::close);
    }

    @AfterEach
    void close() {
        opened.forEach(RedisRateLimiter::close);
        SERVERS.values().forEach(RedisServer::clear);
    }

    private static RedisServer on(RedisVersion version) {
        return Objects.requireNonNull(SERVERS.get(version));
    }

    private RedisRateLimiter limiter(
            RedisVersion version, UnaryOperator<RedisRateLimiter.Builder> tuning, Limit... limits) {
        RedisRateLimiter limiter = tuning.apply(
                        RedisRateLimiter.builder(Redis.at(on(version).uri()), limits))
                .build();
        opened.add(limiter);
        Eventually.holds("a link to Redis", PATIENCE, limiter::reachable);
        return limiter;
    }

    private RedisRateLimiter strict(RedisVersion version, Limit... limits) {
        return limiter(version, settings -> settings.strict(PATIENCE), limits);
    }

    private List<RedisRateLimiter> gateways(Supplier<RedisRateLimiter> maker) {
        List<RedisRateLimiter> gateways =
                IntStream.range(0, 4).mapToObj(i -> maker.get()).toList();
        Eventually.holds(
                "they know each other",
                PATIENCE,
                () -> gateways.stream().allMatch(one -> one.stats().gateways() == 4));
        return gateways;
    }

    private static Decision acquire(RateLimiter limiter, Usage usage) {
        return acquire(limiter, KEY, usage);
    }

    private static Decision acquire(RateLimiter limiter, String key, Usage usage) {
        return limiter.acquire(key, usage).toCompletableFuture().join();
    }

    private static boolean admits(RateLimiter limiter, Usage usage) {
        return acquire(limiter, usage).allowed();
    }

    /** Sixteen threads of each gateway ask until the time is over, or each was denied so often. */
    private static long crowd(List<RedisRateLimiter> gateways, long nanos, int denials, AtomicLong decisions) {
        AtomicLong admitted = new AtomicLong();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (RedisRateLimiter gateway : gateways) {
            for (int i = 0; i < 16; i++) {
                threads.add(new Thread(() -> {
                    int denied = 0;
                    while (denied < denials && System.nanoTime() - start < nanos) {
                        decisions.incrementAndGet();
                        if (admits(gateway, ONE)) {
                            admitted.incrementAndGet();
                        } else {
                            denied++;
                        }
                    }
                }));
            }
        }
        threads.forEach(Thread::start);
        threads.forEach(RedisRateLimiterTest::join);
        return admitted.get();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    // ---- how much passes

    @ParameterizedTest
    @EnumSource
    void oneGatewayAdmitsTheBurstAndThePaceAndNoMore(RedisVersion version) {
        RedisRateLimiter limiter = strict(version, HUNDRED_A_SECOND);
        long start = System.nanoTime();
        long admitted = 0;
        while (System.nanoTime() - start < Duration.ofSeconds(2).toNanos()) {
            admitted += admits(limiter, ONE) ? 1 : 0;
        }
        double most = 40 + 100 * ((System.nanoTime() - start) / 1e9);
        assertThat((double) admitted).isBetween(0.7 * most, most);
        assertThat(limiter.stats().degraded()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void fourGatewaysWithSixteenThreadsEachAdmitThatMuchTogether(RedisVersion version) {
        List<RedisRateLimiter> gateways = gateways(() -> strict(version, HUNDRED_A_SECOND));
        AtomicLong decisions = new AtomicLong();
        long start = System.nanoTime();
        long admitted = crowd(gateways, Duration.ofSeconds(2).toNanos(), Integer.MAX_VALUE, decisions);
        double most = 40 + 100 * ((System.nanoTime() - start) / 1e9);
        assertThat((double) admitted).isBetween(0.7 * most, most);
        assertThat(gateways.stream().mapToLong(one -> one.stats().degraded()).sum())
                .isZero();
        long questions =
                gateways.stream().mapToLong(one -> one.stats().questions()).sum();
        assertThat(questions).as("of " + decisions + " decisions").isLessThanOrEqualTo(decisions.get() / 10);
        Eventually.holds(
                "nobody waits",
                PATIENCE,
                () -> gateways.stream().allMatch(one -> one.stats().waiting() == 0));
    }

    @ParameterizedTest
    @EnumSource
    void fourGatewaysAdmitABurstExactly(RedisVersion version) {
        Limit limit = Limit.requests(400, Duration.ofDays(300));
        List<RedisRateLimiter> gateways = gateways(() -> strict(version, limit));
        long admitted = crowd(gateways, PATIENCE.toNanos(), 20, new AtomicLong());
        assertThat(admitted).as("but for one that each may have in hand").isBetween(396L, 400L);
    }

    @ParameterizedTest
    @EnumSource
    void sixtyFourWhoWaitShareFewQuestions(RedisVersion version) {
        RedisRateLimiter limiter = strict(version, FORTY);
        on(version).pause();
        List<CompletableFuture<Decision>> stages = IntStream.range(0, 64)
                .mapToObj(i -> limiter.acquire(KEY, ONE).toCompletableFuture())
                .toList();
        assertThat(limiter.stats().waiting()).isEqualTo(64);
        on(version).resume();
        assertThat(stages.stream().filter(stage -> stage.join().allowed())).hasSize(40);
        assertThat(stages.subList(0, 40))
                .as("in their order")
                .allMatch(stage -> stage.join().allowed());
        assertThat(limiter.stats().questions()).isLessThanOrEqualTo(6);
        Eventually.holds("nobody waits", PATIENCE, () -> limiter.stats().waiting() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void whoDoesNotWaitAddsHisShareAtMost(RedisVersion version) {
        List<RedisRateLimiter> gateways = gateways(() -> limiter(version, settings -> settings, FORTY));
        long admitted = crowd(gateways, PATIENCE.toNanos(), 1_000, new AtomicLong());
        assertThat(admitted).isBetween(36L, 80L);
        Eventually.holds(
                "all that passed was charged", PATIENCE, () -> Math.min(80, admitted) <= missing(version, FORTY) + 4);
    }

    @ParameterizedTest
    @EnumSource
    void limitsAreTakenTogetherOrNotAtAll(RedisVersion version) {
        RedisRateLimiter limiter = strict(version, FORTY, Limit.tokens(1_000, Duration.ofDays(300)));
        assertThat(admits(limiter, Usage.request(900, 0))).isTrue();
        Decision denied = acquire(limiter, Usage.request(101, 0));
        assertThat(denied.allowed()).isFalse();
        assertThat(denied.limit().name()).isEqualTo("tokens");
        assertThat(denied.remaining()).isEqualTo(100);
        assertThat(admits(limiter, new Usage(39, 100, 0)))
                .as("nothing was taken by the denial")
                .isTrue();
        assertThat(admits(limiter, ONE)).isFalse();
    }

    /** How many units are missing in Redis, rounded up. */
    private static long missing(RedisVersion version, Limit limit) {
        RedisServer redis = on(version);
        Object value = redis.command("GET", new LimitKeys("remora:limit:", List.of(limit)).nameOf(KEY));
        if (value == null) {
            return 0;
        }
        List<?> time = (List<?>) Objects.requireNonNull(redis.command("TIME"));
        long now = Long.parseLong(time.get(0).toString()) * 1_000_000
                + Long.parseLong(time.get(1).toString());
        long ahead = Long.parseLong(value.toString().substring(2)) - now;
        long unit = new Toll(limit).micros(1);
        return (ahead + unit - 1) / unit;
    }

    // ---- what is decided, and how

    @ParameterizedTest
    @EnumSource
    void theFirstAnswerIsThisProcessesOwnAndThenRedisIsCharged(RedisVersion version) {
        RedisRateLimiter limiter = limiter(version, settings -> settings, FORTY);
        Decision decision = limiter.decide(KEY, Usage.requests(5));
        assertThat(decision.allowed()).isTrue();
        assertThat(decision.source()).isEqualTo(Source.DEGRADED);
        Eventually.holds("charged", PATIENCE, () -> missing(version, FORTY) == 5);
        // Redis knows before its answer is here.
        Eventually.holds("answered", PATIENCE, () -> limiter.stats().pushes() == 1);
    }

    @ParameterizedTest
    @EnumSource
    void aDenialIsToldFromMemory(RedisVersion version) {
        RedisRateLimiter limiter = strict(version, FORTY);
        acquire(limiter, Usage.requests(40));
        assertThat(acquire(limiter, ONE).source()).isIn(Source.REDIS, Source.LEASE);
        long questions = limiter.stats().questions();
        for (int i = 0; i < 1_000; i++) {
            assertThat(limiter.tryAcquire(KEY, ONE)).isFalse();
        }
        assertThat(limiter.decide(KEY, ONE).source()).isEqualTo(Source.LEASE);
        assertThat(limiter.stats().questions() - questions)
                .as("one in a second, to see")
                .isLessThanOrEqualTo(20);
    }

    @ParameterizedTest
    @EnumSource
    void whatOneGatewayTakesIsMissingAtTheOther(RedisVersion version) {
        RedisRateLimiter one = strict(version, FORTY);
        RedisRateLimiter other = strict(version, FORTY);
        assertThat(admits(one, Usage.requests(30))).isTrue();
        Decision denied = acquire(other, Usage.requests(11));
        assertThat(denied.allowed()).isFalse();
        assertThat(denied.source()).isEqualTo(Source.REDIS);
        assertThat(denied.remaining()).isEqualTo(10);
        assertThat(admits(other, Usage.requests(10))).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void gatewaysComeAndGo(RedisVersion version) {
        List<RedisRateLimiter> gateways = gateways(() -> strict(version, FORTY));
        gateways.get(3).close();
        Eventually.holds(
                "three are left", PATIENCE, () -> gateways.get(0).stats().gateways() == 3);
    }

    @ParameterizedTest
    @EnumSource
    void everyKeyEnds(RedisVersion version) {
        RedisRateLimiter limiter =
                limiter(version, settings -> settings, HUNDRED_A_SECOND, Limit.tokens(5, Duration.ofSeconds(1)));
        for (int i = 0; i < 50; i++) {
            limiter.charge("k" + i, new Usage(1, 2, 0));
        }
        Eventually.holds("charged", PATIENCE, () -> limiter.stats().pushes() >= 50);
        List<?> names = (List<?>) Objects.requireNonNull(on(version).command("KEYS", "*"));
        assertThat(names).isNotEmpty();
        for (Object name : names) {
            assertThat(on(version).command("PTTL", String.valueOf(name))).isNotEqualTo("-1");
        }
        Eventually.holds("forgotten here", PATIENCE, () -> limiter.stats().keys() == 0);
    }

    // ---- what is given back

    @ParameterizedTest
    @EnumSource
    void whatAReservationHasNotUsedIsThereForAll(RedisVersion version) {
        Limit limit = Limit.tokens(1_000, Duration.ofDays(300)).withBurst(1_000);
        RedisRateLimiter one = strict(version, limit);
        Eventually.holds("alone", PATIENCE, () -> one.stats().gateways() == 1);
        Reservation reservation = one.reserve(KEY, Usage.tokens(900, 0));
        assertThat(reservation.decision().allowed()).isTrue();
        Eventually.holds("charged", PATIENCE, () -> missing(version, limit) == 900);
        reservation.settle(Usage.tokens(100, 50));
        Eventually.holds("given back", PATIENCE, () -> missing(version, limit) == 150);
        RedisRateLimiter other = strict(version, limit);
        assertThat(admits(other, Usage.tokens(850, 0))).isTrue();
        assertThat(admits(one, Usage.tokens(1, 0))).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsInHandAndNotSpentGoesBack(RedisVersion version) {
        RedisRateLimiter limiter =
                limiter(version, settings -> settings.strict(PATIENCE).leaseAge(Duration.ofMillis(50)), FORTY);
        for (int i = 0; i < 10; i++) {
            admits(limiter, ONE);
        }
        Eventually.holds("only what passed is missing", PATIENCE, () -> missing(version, FORTY) == 10);
    }

    @ParameterizedTest
    @EnumSource
    void whoCancelsGivesBackWhatHeIsGranted(RedisVersion version) {
        RedisRateLimiter limiter = strict(version, FORTY);
        on(version).pause();
        CompletableFuture<Decision> stage =
                limiter.acquire(KEY, Usage.requests(40)).toCompletableFuture();
        stage.cancel(false);
        on(version).resume();
        Eventually.holds("all is there again", PATIENCE, () -> admits(limiter, Usage.requests(40)));
        Eventually.holds("nobody waits", PATIENCE, () -> limiter.stats().waiting() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void whoCancelsAtTheLastMomentGivesBackWhatHeWasGranted(RedisVersion version) {
        RedisRateLimiter limiter = strict(version, FORTY);
        on(version).pause();
        CompletableFuture<Decision> first =
                limiter.acquire(KEY, Usage.requests(10)).toCompletableFuture();
        CompletableFuture<Decision> second =
                limiter.acquire(KEY, Usage.requests(30)).toCompletableFuture();
        CompletableFuture<Boolean> cancelled = first.thenApply(decision -> second.cancel(false));
        on(version).resume();
        assertThat(cancelled.join()).isTrue();
        Eventually.holds("it is there again", PATIENCE, () -> admits(limiter, Usage.requests(30)));
        assertThat(admits(limiter, ONE)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aChargeWhoseAnswersAreLostIsChargedOnce(RedisVersion version) {
        RedisRateLimiter limiter = limiter(version, settings -> settings, FORTY);
        on(version).pause();
        limiter.charge(KEY, Usage.requests(5));
        Eventually.holds("repeated", PATIENCE, () -> limiter.stats().late() >= 3);
        on(version).resume();
        Eventually.holds("heard", PATIENCE, () -> limiter.stats().pushes() >= 1);
        limiter.charge(KEY, Usage.requests(2));
        Eventually.holds("the next one", PATIENCE, () -> missing(version, FORTY) == 7);
        limiter.refund(KEY, Usage.requests(7));
        Eventually.holds("given back", PATIENCE, () -> missing(version, FORTY) == 0);
    }

    // ---- bounds, shadows, settings

    @Test
    void manyKeysDoNotGrowIt() {
        RedisRateLimiter limiter = limiter(RedisVersion.V7_0, settings -> settings.maxKeys(1_000), FORTY);
        long admitted = 0;
        for (int i = 0; i < 200_000; i++) {
            admitted += limiter.tryAcquire("key " + i + " ".repeat(i % 100), ONE) ? 1 : 0;
        }
        assertThat(limiter.stats().keys()).isLessThanOrEqualTo(1_000);
        assertThat(admitted)
                .as("a thousand, and all others as if they were one")
                .isBetween(1_000L, 1_080L);
    }

    @Test
    void aShadowDeniesNothingAndTells() {
        List<Decision> denials = new ArrayList<>();
        RedisRateLimiter limiter = limiter(
                RedisVersion.V7_0,
                settings -> settings.strict(PATIENCE).listener((key, decision) -> denials.add(decision)),
                FORTY,
                Limit.requests(2, Duration.ofDays(300)).named("low").asShadow());
        for (int i = 0; i < 40; i++) {
            assertThat(admits(limiter, ONE)).isTrue();
        }
        assertThat(denials)
                .isNotEmpty()
                .allMatch(denial -> denial.limit().name().equals("low"));
        denials.clear();
        assertThat(admits(limiter, ONE)).isFalse();
        assertThat(denials).singleElement().matches(denial -> denial.limit().equals(FORTY));
    }

    @Test
    void whatIsGivenBackOfAForgottenKeyIsNotGivenToAllOthers() {
        Limit tenASecond = Limit.requests(10, Duration.ofSeconds(1)).withMaxDebt(0);
        RedisRateLimiter limiter =
                limiter(RedisVersion.V7_0, settings -> settings.strict(PATIENCE).maxKeys(2), tenASecond);
        List<Reservation> held = Stream.of("first", "second")
                .map(key -> limiter.reserveLater(key, Usage.requests(10))
                        .toCompletableFuture()
                        .join())
                .toList();
        Eventually.holds(
                "forgotten, being full again", PATIENCE, () -> limiter.stats().keys() == 0);
        for (String key : List.of("third", "fourth")) {
            acquire(limiter, key, Usage.requests(10));
        }
        long start = System.nanoTime();
        int admitted = 0;
        for (int i = 0; i <= held.size(); i++) {
            while (admits(limiter, ONE)) {
                admitted++;
            }
            held.stream().skip(i).findFirst().ifPresent(Reservation::cancel);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        // What is in hand may be a second old.
        assertThat((double) admitted).isLessThanOrEqualTo(10 * (seconds + 1) + 10);
    }

    @Test
    void whoComesRarelyFindsAFullBucketThoughItBeganEmpty() throws Exception {
        Limit limit = Limit.requests(10, Duration.ofSeconds(1)).withBurst(2).withInitial(0);
        RedisRateLimiter limiter = limiter(RedisVersion.V7_0, settings -> settings.strict(PATIENCE), limit);
        for (int i = 0; i < 3; i++) {
            // Longer than Redis remembers it.
            TimeUnit.MILLISECONDS.sleep(300);
            assertThat(admits(limiter, ONE)).isTrue();
        }
    }

    @Test
    void aShadowAloneAdmitsAll() {
        RedisRateLimiter limiter = strict(RedisVersion.V7_0, FORTY.asShadow());
        for (int i = 0; i < 100; i++) {
            assertThat(admits(limiter, ONE)).isTrue();
            assertThat(limiter.tryAcquire(KEY, ONE)).isTrue();
        }
        assertThat(limiter.peek(KEY).allowed()).isTrue();
    }

    @Test
    void whatAListenerThrowsChangesNothing() {
        RedisRateLimiter limiter = limiter(
                RedisVersion.V7_0,
                settings -> settings.strict(PATIENCE).listener((key, decision) -> {
                    throw new IllegalStateException("the user's own");
                }),
                FORTY);
        assertThat(admits(limiter, Usage.requests(40))).isTrue();
        assertThat(admits(limiter, ONE)).isFalse();
        assertThat(admits(limiter, ONE)).isFalse();
    }

    @Test
    void whoWaitsWhenItIsClosedIsAnswered() {
        RedisRateLimiter limiter = strict(RedisVersion.V7_0, FORTY);
        on(RedisVersion.V7_0).pause();
        CompletableFuture<Decision> stage = limiter.acquire(KEY, ONE).toCompletableFuture();
        limiter.close();
        assertThat(stage.join().source()).isEqualTo(Source.DEGRADED);
        assertThat(acquire(limiter, ONE).source()).isEqualTo(Source.DEGRADED);
        on(RedisVersion.V7_0).resume();
    }

    @Test
    void redisSeesNoKey() {
        RedisRateLimiter limiter = strict(RedisVersion.V7_0, FORTY);
        limiter.acquire("secret", ONE).toCompletableFuture().join();
        assertThat(String.valueOf(on(RedisVersion.V7_0).command("KEYS", "*"))).doesNotContain("secret");
        assertThat(limiter.toString()).doesNotContain("secret");
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        Redis redis = Redis.at("redis://127.0.0.1:1");
        assertThatThrownBy(() -> RedisRateLimiter.builder(redis))
                .hasMessage("limits: [] (expected: at least one, each with a name of its own)");
        assertThatThrownBy(() -> RedisRateLimiter.builder(redis, FORTY, FORTY)).hasMessageContaining("name of its own");
        RedisRateLimiter.Builder settings = RedisRateLimiter.builder(redis, FORTY);
        assertThatThrownBy(() -> settings.strict(Duration.ZERO))
                .hasMessage("deadline: PT0S (expected: PT0.001S to PT1M)");
        assertThatThrownBy(() -> settings.leaseAge(Duration.ofHours(1)))
                .hasMessage("lease age: PT1H (expected: PT0.01S to PT1M)");
        assertThatThrownBy(() -> settings.maxKeys(0)).hasMessage("max keys: 0 (expected: 1 to 10000000)");
        assertThatThrownBy(() -> settings.maxWaiting(0)).hasMessage("max waiting: 0 (expected: >= 1)");
        assertThatThrownBy(() -> settings.leastGateways(0)).hasMessage("least gateways: 0 (expected: >= 1)");
        assertThatThrownBy(() -> settings.keyPrefix("a{")).hasMessageStartingWith("key prefix: \"a{\"");
        RedisRateLimiter limiter = settings.build();
        opened.add(limiter);
        assertThatThrownBy(() -> limiter.decide(KEY, Usage.tokens(1, 1))).hasMessageStartingWith("usage: ");
    }
}
