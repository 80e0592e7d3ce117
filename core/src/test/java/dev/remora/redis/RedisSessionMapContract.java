package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityKey;
import dev.remora.session.Binding;
import dev.remora.session.Retention;
import dev.remora.session.SessionMap;
import dev.remora.session.SessionMapContract;
import dev.remora.wire.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a shared session map owes to its callers while Redis answers, on each version of Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RedisSessionMapContract extends SessionMapContract {

    private static final Duration SOON = Duration.ofSeconds(10);

    private RedisServer redis;
    private final List<RedisSessionMap> maps = new ArrayList<>();
    private RedisSessionMap mine;
    private RedisSessionMap other;

    abstract RedisVersion version();

    @BeforeEach
    void open() {
        if (redis == null) {
            redis = RedisServer.start(version());
        }
        redis.clear();
        mine = open(Retention.idle(Duration.ofMinutes(10)));
        other = open(Retention.idle(Duration.ofMinutes(10)));
    }

    private RedisSessionMap open(Retention retention) {
        RedisSessionMap map = RedisSessionMap.builder(Redis.at(redis.uri()))
                .retention(retention)
                .deadline(SOON)
                .build();
        maps.add(map);
        Eventually.holds("a link to Redis", SOON, map::reachable);
        return map;
    }

    @AfterEach
    void close() {
        maps.forEach(RedisSessionMap::close);
        maps.clear();
    }

    @org.junit.jupiter.api.AfterAll
    void stop() {
        if (redis != null) {
            redis.close();
        }
    }

    @Override
    protected SessionMap map() {
        return mine;
    }

    private String name() {
        return new SessionKeys("remora:session:").nameOf(key);
    }

    @Test
    void theFirstWriterWinsAcrossGateways() {
        Binding first = bound(key, A);
        assertThat(now(other.bind(key, B))).contains(first);
        assertThat(other.peek(key)).as("it is known there now").contains(first);
    }

    @Test
    void aRebindIsSeenByTheOthers() {
        Binding first = bound(key, A);
        now(other.bind(key, B));
        Binding second = now(mine.rebind(key, first.fence(), C));
        Eventually.holds("the other gateway doubts", SOON, () -> other.peek(key).isEmpty());
        assertThat(now(other.bind(key, B))).contains(second);
        assertThat(other.stats().invalidations()).isEqualTo(1);
    }

    @Test
    void whatAnotherForgotIsNotRestored() {
        Binding first = bound(key, A);
        now(other.bind(key, A));
        assertThat(now(mine.unbind(key, first.fence()))).isTrue();
        Eventually.holds("the other gateway doubts", SOON, () -> other.peek(key).isEmpty());
        assertThat(now(other.bind(key, B)).orElseThrow().backend())
                .as("bound anew, where the other gateway proposes")
                .isEqualTo(B);
    }

    @Test
    void manyRequestsOfOneKeyAskOnce() throws Exception {
        int threads = 32;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<CompletionStage<java.util.Optional<Binding>>>> asks = new ArrayList<>();
            redis.pause();
            for (int i = 0; i < threads; i++) {
                asks.add(pool.submit(() -> {
                    go.await();
                    return mine.bind(key, A);
                }));
            }
            go.countDown();
            List<CompletionStage<java.util.Optional<Binding>>> answers = new ArrayList<>();
            for (Future<CompletionStage<java.util.Optional<Binding>>> ask : asks) {
                answers.add(ask.get());
            }
            redis.resume();
            Set<Binding> distinct = new HashSet<>();
            answers.forEach(answer -> distinct.add(now(answer).orElseThrow()));
            assertThat(distinct).hasSize(1);
            assertThat(mine.stats().asked()).isEqualTo(1);
        } finally {
            redis.resume();
            pool.shutdownNow();
        }
    }

    @Test
    void everyKeyHasATimeToLive() {
        bound(key, A);
        assertThat(Long.parseLong(String.valueOf(redis.command("PTTL", name()))))
                .isBetween(590_000L, 600_000L);
    }

    @Test
    void aSessionEndsAtItsAgeHoweverMuchItIsUsed() {
        RedisSessionMap aging = open(Retention.idle(Duration.ofSeconds(10)).withMaxAge(Duration.ofSeconds(15)));
        now(aging.bind(key, A));
        redis.command("PEXPIRE", name(), "100");
        Eventually.holds("the gateway doubts", SOON, () -> aging.peek(key).isEmpty());
        now(aging.find(key));
        long left = Long.parseLong(String.valueOf(redis.command("PTTL", name())));
        assertThat(left).as("prolonged, within the age").isBetween(7_500L, 10_000L);
        String value = String.valueOf(redis.command("GET", name()));
        assertThat(value).startsWith("1 ").endsWith(" a");
        assertThat(Long.parseLong(value.split(" ", -1)[2])).isPositive();
    }

    @Test
    void neitherTheKeyNorItsLengthIsSeenInRedis() {
        AffinityKey huge = AffinityKey.of("secret".repeat(200_000));
        now(mine.bind(huge, A));
        bound(key, B);
        assertThat(mine.peek(huge).orElseThrow().backend()).isEqualTo(A);
        assertThat(String.valueOf(redis.command("KEYS", "*")))
                .doesNotContain("secret")
                .doesNotContain("session]")
                .hasSizeLessThan(120);
    }

    @Test
    void aValueOfUnknownFormIsLeftAloneAndCostsNothing() {
        for (String strange :
                List.of("", "2 7 0 a", "1 x 0 a", "1 7 0 ", "1 7 0 a b", "1 9 0 \u0001", "x".repeat(1 << 20))) {
            redis.command("SET", name(), strange);
            assertThat(now(mine.bind(key, A))).as("nobody can say").isEmpty();
            assertThat(now(mine.find(key))).isEmpty();
            assertThat(redis.command("GET", name())).isEqualTo(strange);
        }
        assertThat(mine.stats().unreadable()).isEqualTo(14);
        Binding presumed = mine.presume(key, A);
        Eventually.holds("Redis was told", SOON, () -> mine.stats().pending() == 0);
        assertThat(mine.peek(key).or(() -> now(mine.bind(key, B)))).contains(presumed);
    }

    @Test
    void aValueOfAnotherKindIsLeftAloneAndCostsNothing() {
        redis.command("LPUSH", name(), "a");
        assertThat(now(mine.bind(key, A))).isEmpty();
        assertThat(redis.command("TYPE", name())).isEqualTo("list");
        assertThat(mine.stats().refused()).isEqualTo(1);
    }

    @Test
    void aMillionSessionsStayWithinTheBound() {
        RedisSessionMap small = open(Retention.idle(Duration.ofMinutes(10)).withMaxEntries(1_000));
        for (int i = 0; i < 1_000_000; i++) {
            small.presume(AffinityKey.of("flood-" + i), A);
        }
        SessionStats stats = small.stats();
        assertThat(stats.remembered()).isLessThan(2_000);
        assertThat(stats.pending()).isLessThanOrEqualTo(65_536);
        assertThat(stats.droppedBinds()).isPositive();
    }

    @Test
    void sixtyFourThreadsOverFourGatewaysBindAThousandSessionsOnceEach() throws Exception {
        List<RedisSessionMap> gateways = List.of(
                mine,
                other,
                open(Retention.idle(Duration.ofMinutes(10))),
                open(Retention.idle(Duration.ofMinutes(10))));
        int threads = 64;
        int sessions = 1_000;
        List<Set<Binding>> answers = IntStream.range(0, sessions)
                .mapToObj(i -> (Set<Binding>) java.util.concurrent.ConcurrentHashMap.<Binding>newKeySet())
                .toList();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                done.add(pool.submit(() -> {
                    go.await();
                    RedisSessionMap gateway = gateways.get(thread % gateways.size());
                    for (int i = 0; i < sessions; i++) {
                        AffinityKey session = AffinityKey.of("session-" + i);
                        answers.get(i)
                                .add(now(gateway.bind(session, new dev.remora.pool.BackendId("b" + thread)))
                                        .orElseThrow());
                    }
                    return null;
                }));
            }
            go.countDown();
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(answers).allMatch(distinct -> distinct.size() == 1);
        assertThat(answers.stream().flatMap(Set::stream).map(Binding::fence)).hasSize(sessions);
        for (RedisSessionMap gateway : gateways) {
            for (int i = 0; i < sessions; i++) {
                assertThat(gateway.peek(AffinityKey.of("session-" + i)))
                        .hasValue(answers.get(i).iterator().next());
            }
        }
        assertThat(redis.command("DBSIZE")).isEqualTo("1000");
    }
}
