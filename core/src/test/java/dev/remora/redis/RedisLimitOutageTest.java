package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.Decision.Source;
import dev.remora.ratelimit.Limit;
import dev.remora.wire.Eventually;
import dev.remora.wire.Meanwhile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis breaks in every way; decisions go on, and no more passes than is said. */
@Tag("long")
class RedisLimitOutageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Usage ONE = Usage.ONE_REQUEST;
    private static final String KEY = "client";
    private static final Limit FORTY = Limit.requests(40, Duration.ofDays(100)).withMaxDebt(100);
    private static final Limit FIFTY_A_SECOND =
            Limit.requests(50, Duration.ofSeconds(1)).withBurst(40);
    private static final int GATEWAYS = 4;

    private final List<AutoCloseable> opened = new ArrayList<>();

    private <T extends AutoCloseable> T opened(T one) {
        opened.add(0, one);
        return one;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    private RedisRateLimiter limiter(Redis redis, UnaryOperator<RedisRateLimiter.Builder> tuning, Limit limit) {
        RedisRateLimiter limiter =
                opened(tuning.apply(RedisRateLimiter.builder(redis, limit)).build());
        Eventually.holds("a link to Redis", PATIENCE, limiter::reachable);
        return limiter;
    }

    private List<RedisRateLimiter> gateways(Redis redis, UnaryOperator<RedisRateLimiter.Builder> tuning, Limit limit) {
        List<RedisRateLimiter> gateways = IntStream.range(0, GATEWAYS)
                .mapToObj(i -> limiter(redis, tuning, limit))
                .toList();
        Eventually.holds(
                "they know each other",
                PATIENCE,
                () -> gateways.stream().allMatch(one -> one.stats().gateways() == GATEWAYS));
        return gateways;
    }

    private static Decision acquire(RedisRateLimiter limiter) {
        return limiter.acquire(KEY, ONE).toCompletableFuture().join();
    }

    private static void awaitReachable(List<RedisRateLimiter> gateways) {
        Eventually.holds("links to Redis", PATIENCE, () -> gateways.stream().allMatch(RedisRateLimiter::reachable));
    }

    // ---- each policy

    @Test
    void failingClosedDeniesForASecond() {
        RedisServer redis = opened(RedisServer.start(RedisVersion.V7_0));
        RedisRateLimiter limiter =
                limiter(Redis.at(redis.uri()), settings -> settings.outage(OutagePolicy.FAIL_CLOSED), FORTY);
        redis.kill();
        Eventually.holds("lost", PATIENCE, () -> !limiter.reachable());
        Decision decision = acquire(limiter);
        assertThat(decision.allowed()).isFalse();
        assertThat(decision.source()).isEqualTo(Source.DEGRADED);
        assertThat(decision.retryAfter()).contains(Duration.ofSeconds(1));
        redis.restart();
        Eventually.holds("back", PATIENCE, () -> acquire(limiter).allowed());
    }

    @Test
    void failingOpenAdmitsAllAndChargesItLater() {
        RedisServer redis = opened(RedisServer.start(RedisVersion.V7_0));
        RedisRateLimiter limiter =
                limiter(Redis.at(redis.uri()), settings -> settings.outage(OutagePolicy.FAIL_OPEN), FORTY);
        redis.kill();
        Eventually.holds("lost", PATIENCE, () -> !limiter.reachable());
        for (int i = 0; i < 500; i++) {
            assertThat(acquire(limiter).allowed()).isTrue();
        }
        assertThat(limiter.stats().dropped())
                .as("what is more than may be owed")
                .isEqualTo(500 - 140);
        redis.restart();
        Eventually.holds("charged", PATIENCE, () -> limiter.stats().pushes() == 1);
        Decision denied = acquire(limiter);
        assertThat(denied.allowed()).isFalse();
        assertThat(denied.retryAfter().orElseThrow()).isGreaterThan(Duration.ofDays(250));
    }

    @Test
    void aLocalShareGrantsNoFreshBurst() {
        RedisServer redis = opened(RedisServer.start(RedisVersion.V7_0));
        List<RedisRateLimiter> gateways = gateways(Redis.at(redis.uri()), settings -> settings.strict(PATIENCE), FORTY);
        for (RedisRateLimiter gateway : gateways) {
            for (int i = 0; i < 9; i++) {
                assertThat(acquire(gateway).allowed()).isTrue();
            }
        }
        redis.kill();
        Eventually.holds("lost", PATIENCE, () -> gateways.stream().noneMatch(RedisRateLimiter::reachable));
        long admitted = gateways.stream()
                .mapToLong(gateway -> IntStream.range(0, 100)
                        .filter(i -> acquire(gateway).allowed())
                        .count())
                .sum();
        assertThat(admitted).as("one of each share, and what was in hand").isBetween(4L, 8L);
    }

    @Test
    void aGatewayThatStartsAloneIsToldHowManyThereAre() {
        RedisRateLimiter limiter = opened(RedisRateLimiter.builder(Redis.at("redis://127.0.0.1:1"), FORTY)
                .leastGateways(8)
                .build());
        long admitted =
                IntStream.range(0, 100).filter(i -> acquire(limiter).allowed()).count();
        assertThat(admitted).isEqualTo(5);
    }

    // ---- whoever waits

    @ParameterizedTest
    @EnumSource
    void nobodyWaitsLongerThanTheDeadline(RedisVersion version) {
        RedisServer redis = opened(RedisServer.start(version));
        RedisRateLimiter limiter =
                limiter(Redis.at(redis.uri()), settings -> settings.strict(Duration.ofMillis(20)), FORTY);
        redis.pause();
        List<CompletableFuture<Decision>> stages = IntStream.range(0, 60)
                .mapToObj(i -> limiter.acquire("k" + i, ONE).toCompletableFuture())
                .toList();
        assertThat(stages).allMatch(stage -> stage.join().source() == Source.DEGRADED);
        Eventually.holds("nobody waits", PATIENCE, () -> limiter.stats().waiting() == 0);
        Eventually.holds("given up", PATIENCE, () -> !limiter.reachable());
        redis.resume();
        Eventually.holds("back", PATIENCE, () -> acquire(limiter).source() != Source.DEGRADED);
    }

    @ParameterizedTest
    @EnumSource
    void whoWaitsWhenRedisDiesIsAnsweredAtOnce(RedisVersion version) {
        RedisServer redis = opened(RedisServer.start(version));
        RedisRateLimiter limiter =
                limiter(Redis.at(redis.uri()), settings -> settings.strict(Duration.ofMinutes(1)), FORTY);
        redis.pause();
        List<CompletableFuture<Decision>> stages = IntStream.range(0, 60)
                .mapToObj(i -> limiter.acquire(KEY, ONE).toCompletableFuture())
                .toList();
        redis.kill();
        assertThat(stages.stream().filter(stage -> stage.join().allowed())).hasSize(40);
        Eventually.holds("nobody waits", PATIENCE, () -> limiter.stats().waiting() == 0);
    }

    @Test
    void nobodyWaitsBeyondTheCap() {
        RedisServer redis = opened(RedisServer.start(RedisVersion.V7_0));
        RedisRateLimiter limiter = limiter(
                Redis.at(redis.uri()),
                settings -> settings.strict(Duration.ofMinutes(1)).maxWaiting(3),
                FORTY);
        redis.pause();
        List<CompletableFuture<Decision>> stages = IntStream.range(0, 10)
                .mapToObj(i -> limiter.acquire(KEY, ONE).toCompletableFuture())
                .toList();
        assertThat(stages.stream().filter(CompletableFuture::isDone)).hasSize(7);
        redis.resume();
        assertThat(stages).allMatch(stage -> stage.join().allowed());
    }

    @Test
    void whoMayNotWaitIsStillDeniedWhatRedisHasDenied() {
        RedisServer redis = opened(RedisServer.start(RedisVersion.V7_0));
        RedisRateLimiter limiter = limiter(
                Redis.at(redis.uri()),
                settings -> settings.strict(PATIENCE).maxWaiting(1).outage(OutagePolicy.FAIL_OPEN),
                FORTY);
        assertThat(limiter.acquire(KEY, Usage.requests(40))
                        .toCompletableFuture()
                        .join()
                        .allowed())
                .isTrue();
        redis.pause();
        CompletableFuture<Decision> waits = limiter.acquire("other", ONE).toCompletableFuture();
        assertThat(acquire(limiter).allowed()).isFalse();
        assertThat(limiter.acquire("new", ONE).toCompletableFuture().join().allowed())
                .as("of this one nothing is known")
                .isTrue();
        redis.resume();
        assertThat(waits.join().allowed()).isTrue();
    }

    // ---- traffic all the time

    /**
     * Four gateways with two threads each, while something happens to Redis.
     *
     * @param bursts how many bursts may pass beside the pace
     */
    private static void survives(
            List<RedisRateLimiter> gateways, Runnable fault, int bursts, Map<Source, AtomicLong> sources) {
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong admitted = new AtomicLong();
        long start = System.nanoTime();
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (RedisRateLimiter gateway : gateways) {
            for (int i = 0; i < 2; i++) {
                callers.add(Meanwhile.run(() -> {
                    while (!over.get()) {
                        Decision decision = acquire(gateway);
                        sources.computeIfAbsent(decision.source(), unused -> new AtomicLong())
                                .incrementAndGet();
                        admitted.addAndGet(decision.allowed() ? 1 : 0);
                        LockSupport.parkNanos(1_000_000);
                    }
                }));
            }
        }
        try {
            fault.run();
        } finally {
            over.set(true);
        }
        callers.forEach(CompletableFuture::join);
        double seconds = (System.nanoTime() - start) / 1e9;
        assertThat((double) admitted.get())
                .as("in " + seconds + " s")
                .isLessThanOrEqualTo(50 * (seconds + 1) + bursts * 40)
                .isGreaterThan(40);
        Eventually.holds(
                "nobody waits",
                PATIENCE,
                () -> gateways.stream().allMatch(one -> one.stats().waiting() == 0));
    }

    private void survives(RedisVersion version, Consumer<RedisServer> breaks, Consumer<RedisServer> mends, int bursts) {
        RedisServer redis = opened(RedisServer.start(version));
        List<RedisRateLimiter> gateways =
                gateways(Redis.at(redis.uri()), settings -> settings.strict(Duration.ofMillis(30)), FIFTY_A_SECOND);
        survives(
                gateways,
                () -> {
                    breaks.accept(redis);
                    mends.accept(redis);
                    awaitReachable(gateways);
                    Eventually.holds(
                            "Redis decides again",
                            PATIENCE,
                            () -> gateways.stream().allMatch(RedisLimitOutageTest::asksNow));
                },
                bursts,
                new ConcurrentHashMap<>());
    }

    private static boolean asksNow(RedisRateLimiter gateway) {
        String key = "new " + System.nanoTime();
        return gateway.acquire(key, ONE).toCompletableFuture().join().source() == Source.REDIS;
    }

    private static void aWhile(RedisServer unused) {
        Duration some = Duration.ofMillis(700);
        long start = System.nanoTime();
        Eventually.holds("a while", PATIENCE, () -> System.nanoTime() - start > some.toNanos());
    }

    @ParameterizedTest
    @EnumSource
    void killedAndBackEmpty(RedisVersion version) {
        // The first burst, that of the shares, and that of the empty Redis.
        survives(
                version,
                redis -> {
                    redis.kill();
                    aWhile(redis);
                },
                RedisServer::restart,
                3);
    }

    @ParameterizedTest
    @EnumSource
    void stoppedAndContinued(RedisVersion version) {
        survives(
                version,
                redis -> {
                    redis.pause();
                    aWhile(redis);
                },
                RedisServer::resume,
                2);
    }

    @ParameterizedTest
    @EnumSource
    void restartedEmptyAtOnce(RedisVersion version) {
        survives(version, RedisServer::restart, redis -> {}, 3);
    }

    @ParameterizedTest
    @EnumSource
    void connectionsKilled(RedisVersion version) {
        survives(
                version,
                redis -> {
                    for (int i = 0; i < 5; i++) {
                        redis.command("CLIENT", "KILL", "TYPE", "normal");
                    }
                },
                RedisLimitOutageTest::aWhile,
                2);
    }

    @ParameterizedTest
    @EnumSource
    void scriptsFlushed(RedisVersion version) {
        survives(version, redis -> redis.command("SCRIPT", "FLUSH"), RedisLimitOutageTest::aWhile, 2);
    }

    @ParameterizedTest
    @EnumSource
    void aMasterOfAClusterFails(RedisVersion version) {
        RedisCluster cluster = opened(RedisCluster.start(version));
        Redis redis = Redis.cluster(cluster.uris().toArray(String[]::new));
        List<RedisRateLimiter> gateways =
                gateways(redis, settings -> settings.strict(Duration.ofMillis(30)), FIFTY_A_SECOND);
        String name = new LimitKeys("remora:limit:", List.of(FIFTY_A_SECOND)).nameOf(KEY);
        Map<Source, AtomicLong> sources = new ConcurrentHashMap<>();
        survives(
                gateways,
                () -> {
                    // The replica that takes over has never seen the script.
                    cluster.killMasterOf(name);
                    cluster.awaitRecovered();
                    awaitReachable(gateways);
                    long before = sources.get(Source.REDIS).get();
                    Eventually.holds(
                            "the new master decides",
                            PATIENCE,
                            () -> sources.get(Source.REDIS).get() > before + 50);
                },
                3,
                sources);
        Eventually.holds(
                "all was told",
                PATIENCE,
                () -> gateways.stream().allMatch(one -> one.stats().keys() == 0));
    }
}
