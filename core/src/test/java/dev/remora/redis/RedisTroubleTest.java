package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.Retention;
import dev.remora.session.SessionListener;
import dev.remora.wire.Eventually;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One gateway, and what a Redis, a clock or a user may do to it. */
class RedisTroubleTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final AffinityKey KEY = AffinityKey.of("session");
    private static final String NAME = new SessionKeys("remora:session:").nameOf(KEY);
    private static final BackendId A = new BackendId("a");
    private static final BackendId B = new BackendId("b");

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final AtomicInteger transitions = new AtomicInteger();
    private RedisServer redis = RedisServer.start(RedisVersion.V7_0);

    private RedisSessionMap map(UnaryOperator<RedisSessionMap.Builder> tuning) {
        RedisSessionMap map = tuning.apply(RedisSessionMap.builder(Redis.at(redis.uri()))
                        .deadline(PATIENCE)
                        .listener(new SessionListener() {
                            @Override
                            public void reachabilityChanged(String store, boolean reachable) {
                                transitions.incrementAndGet();
                            }
                        }))
                .build();
        opened.add(map);
        Eventually.holds("a link to Redis", PATIENCE, map::reachable);
        return map;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        redis.close();
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    @Test
    void anOpenStreamKeepsItsSessionInRedis() {
        Duration idle = Duration.ofSeconds(1);
        RedisSessionMap map = map(settings -> settings.idle(idle));
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"))
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(map)
                .build();
        opened.add(0, balancer);
        Lease stream = (Lease) now(balancer.acquire(FakeRequest.get("/").header("X-Session-Id", "session")));
        stream.onEndRequested(wish -> {});
        long until = System.nanoTime() + idle.multipliedBy(4).toNanos();
        while (System.nanoTime() < until) {
            assertThat(redis.command("EXISTS", NAME)).isEqualTo("1");
        }
        stream.complete(Outcome.success());
        Eventually.holds("it ends when it idles", PATIENCE, () -> "0".equals(redis.command("EXISTS", NAME)));
    }

    @Test
    void reconnectsDoNotProlongWhatNobodyUses() {
        RedisSessionMap map = map(settings -> settings.idle(Duration.ofSeconds(1)));
        now(map.bind(KEY, A));
        Eventually.holds("it ends though connections break", PATIENCE, () -> {
            redis.command("CLIENT", "KILL", "TYPE", "normal");
            return "0".equals(redis.command("EXISTS", NAME));
        });
    }

    @Test
    void aSessionThatRedisDeniesIsNotTold() {
        RedisSessionMap map = map(settings -> settings);
        now(map.bind(KEY, A));
        redis.command("DEL", NAME);
        Eventually.holds("in doubt", PATIENCE, () -> map.peek(KEY).isEmpty());
        assertThat(now(map.find(KEY))).isEmpty();
        assertThat(map.stats().remembered()).isZero();
    }

    @Test
    void whoCannotWaitFollowsAtLast() {
        RedisSessionMap map = map(settings -> settings);
        Binding first = now(map.bind(KEY, A)).orElseThrow();
        redis.command("SET", NAME, "1 " + (first.fence() + 1) + " 0 b");
        Eventually.holds("in doubt", PATIENCE, () -> map.peek(KEY).isEmpty());
        assertThat(map.presume(KEY, A)).as("for now the best guess").isEqualTo(first);
        Eventually.holds(
                "asked behind its back",
                PATIENCE,
                () -> map.peek(KEY).filter(b -> b.backend().equals(B)).isPresent());
    }

    @ParameterizedTest
    @EnumSource
    void whatARedisRefusesCausesNoStorm(Refusing how) {
        RedisSessionMap map = map(settings -> settings);
        how.begin(redis);
        int before = transitions.get();
        for (int i = 0; i < 500; i++) {
            assertThat(now(map.bind(AffinityKey.of("k" + i), A))).isEmpty();
        }
        map.presume(AffinityKey.of("presumed"), A);
        assertThat(transitions.get() - before).isLessThanOrEqualTo(2);
        assertThat(map.stats().refused()).as("questions that were put in vain").isLessThan(100);
        how.end(redis);
        Eventually.holds("told", PATIENCE, () -> map.stats().pending() == 0 && map.reachable());
    }

    private enum Refusing {
        WITHOUT_REPLICAS("min-replicas-to-write", "1", "0"),
        WITHOUT_MEMORY("maxmemory", "1", "0");

        private final String setting;
        private final String bad;
        private final String good;

        Refusing(String setting, String bad, String good) {
            this.setting = setting;
            this.bad = bad;
            this.good = good;
        }

        void begin(RedisServer redis) {
            redis.command("CONFIG", "SET", setting, bad);
        }

        void end(RedisServer redis) {
            redis.command("CONFIG", "SET", setting, good);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMasterThatWasDemotedIsGivenUp(RedisVersion version) {
        try (RedisServer demoted = RedisServer.start(version)) {
            RedisServer master = redis;
            redis = demoted;
            RedisSessionMap map = map(settings -> settings);
            now(map.bind(KEY, A));
            demoted.command("REPLICAOF", "127.0.0.1", String.valueOf(master.port()));
            int before = transitions.get();
            Eventually.holds("given up", PATIENCE, () -> {
                now(map.bind(AffinityKey.of("k" + System.nanoTime()), A));
                return transitions.get() > before;
            });
            redis = master;
        }
    }

    @Test
    void aKeyOfAnotherKindIsNoReasonToGiveUpALink() {
        RedisSessionMap map = map(settings -> settings);
        redis.command("LPUSH", NAME, "x");
        map.presume(KEY, A);
        for (int i = 0; i < 50; i++) {
            now(map.find(KEY));
            assertThat(now(map.bind(AffinityKey.of("k" + i), A))).isPresent();
        }
        assertThat(transitions.get()).isEqualTo(1);
    }

    @Test
    void anErrorOfAListenerChangesNothing() {
        RedisSessionMap other = map(settings -> settings);
        RedisSessionMap map = map(settings -> settings.maxWaiting(1).listener(new SessionListener() {
            @Override
            public void bindingLost(AffinityKey key, Binding presumed, Binding winner) {
                throw new AssertionError("the user's own");
            }

            @Override
            public void reachabilityChanged(String store, boolean reachable) {
                throw new AssertionError("the user's own");
            }
        }));
        now(other.bind(KEY, B));
        map.presume(KEY, A);
        Eventually.holds(
                "told", PATIENCE, () -> map.stats().lost() == 1 && map.stats().pending() == 0);
        redis.command("CLIENT", "KILL", "TYPE", "normal");
        Eventually.holds(
                "it asks on",
                PATIENCE,
                () -> now(map.bind(AffinityKey.of("else"), A)).isPresent());
    }

    @Test
    void allIsGivenBackThoughFewMayWait() {
        RedisSessionMap map = map(settings -> settings.maxWaiting(4));
        for (int i = 0; i < 500; i++) {
            now(map.bind(AffinityKey.of("s" + i), A));
        }
        redis.command("FLUSHALL");
        Eventually.holds("all are back", PATIENCE, () -> "500".equals(redis.command("DBSIZE")));
    }

    @Test
    void aSessionOverItsAgeIsNeitherToldNorGivenBack() {
        RedisSessionMap map = map(settings ->
                settings.retention(Retention.idle(Duration.ofSeconds(1)).withMaxAge(Duration.ofSeconds(1))));
        now(map.bind(KEY, A));
        redis.kill();
        Eventually.holds("lost", PATIENCE, () -> !map.reachable());
        Eventually.holds(
                "it is over, though it is looked for",
                PATIENCE,
                () -> map.peek(KEY).isEmpty());
        redis.restart();
        Eventually.holds("a link to Redis", PATIENCE, map::reachable);
        assertThat(now(map.bind(KEY, B)).map(Binding::backend)).contains(B);
    }

    @Test
    void aFenceRisesThoughRedisHasLostItAndItsClockIsBehind() {
        RedisSessionMap map = map(settings -> settings);
        redis.command("SET", NAME, "1 5000000000000000 0 a", "PX", "100000");
        Binding first = now(map.bind(KEY, A)).orElseThrow();
        assertThat(first.fence()).isEqualTo(5_000_000_000_000_000L);
        redis.kill();
        Eventually.holds("lost", PATIENCE, () -> !map.reachable());
        Binding moved = now(map.rebind(KEY, first.fence(), B));
        redis.restart();
        Eventually.holds("told", PATIENCE, () -> map.reachable() && map.stats().pending() == 0);
        assertThat(now(map.bind(KEY, A)).orElseThrow().fence()).isGreaterThan(moved.fence());
    }

    @Test
    void aRebindReplacesWhatThisGatewayItselfHasPresumed() {
        RedisSessionMap map = map(settings -> settings);
        redis.pause();
        Binding first = map.presume(KEY, A);
        Binding second = now(map.rebind(KEY, first.fence(), B));
        assertThat(second.backend()).isEqualTo(B);
        redis.resume();
        Eventually.holds("told", PATIENCE, () -> map.stats().pending() == 0);
        Eventually.holds(
                "the last one",
                PATIENCE,
                () -> String.valueOf(redis.command("GET", NAME)).endsWith(" b"));
        assertThat(map.stats().lost()).isZero();
    }

    @Test
    void oneCallerCannotEndTheQuestionOfAnother() {
        RedisSessionMap map = map(settings -> settings);
        redis.pause();
        CompletableFuture<Optional<Binding>> one = map.bind(KEY, A).toCompletableFuture();
        CompletableFuture<Optional<Binding>> two = map.bind(KEY, A).toCompletableFuture();
        one.cancel(false);
        redis.resume();
        assertThat(two.join()).isPresent();
    }

    @Test
    void closingWhileConnectingLeavesNoConnection() {
        RedisClient client = RedisClient.create();
        RedisURI uri = RedisURI.create(redis.uri());
        for (int i = 0; i < 30; i++) {
            RedisSessionMap.builder(Redis.client(client, uri)).build().close();
        }
        for (int i = 0; i < 10; i++) {
            RedisSessionMap.builder(Redis.at(redis.uri())).build().close();
        }
        Eventually.holds(
                "only the question's own connection is open",
                PATIENCE,
                () -> String.valueOf(redis.command("CLIENT", "LIST")).lines().count() == 1);
        client.shutdown();
    }

    @Test
    void keysThatOnlyLookAlikeAreTwo() {
        RedisSessionMap map = map(settings -> settings);
        now(map.bind(AffinityKey.of("x\ud800"), A));
        assertThat(now(map.bind(AffinityKey.of("x\ud801"), B)).map(Binding::backend))
                .contains(B);
    }

    @Test
    void whatWasToldWhileItWasInDoubtIsGivenBack() {
        RedisSessionMap map = map(settings -> settings);
        now(map.bind(KEY, A));
        redis.command("PEXPIRE", NAME, "1000000");
        Eventually.holds("in doubt", PATIENCE, () -> map.peek(KEY).isEmpty());
        redis.kill();
        Eventually.holds(
                "told, since nobody can be asked", PATIENCE, () -> map.peek(KEY).isPresent());
        redis.restart();
        Eventually.holds(
                "given back",
                PATIENCE,
                () -> String.valueOf(redis.command("GET", NAME)).endsWith(" a"));
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        RedisSessionMap.Builder settings = RedisSessionMap.builder(Redis.at(redis.uri()));
        assertThatThrownBy(() -> settings.idle(Duration.ofMinutes(1))
                        .maxStale(Duration.ofSeconds(16))
                        .build())
                .hasMessage("max stale: PT16S (expected: at most a quarter of the idle time, PT15S)");
        assertThatThrownBy(() -> settings.deadline(Duration.ZERO))
                .hasMessage("deadline: PT0S (expected: PT0.001S to PT1M)");
        assertThatThrownBy(() -> settings.keyPrefix("{a}"))
                .hasMessage("key prefix: \"{a}\" (expected: 1 to 64 visible ASCII characters without braces)");
        assertThatThrownBy(() -> Redis.at("http://user:secret@host"))
                .hasMessageStartingWith("redis: http://...@host (expected: redis://host:port")
                .hasNoCause();
        assertThatThrownBy(Redis::cluster).hasMessageStartingWith("redis cluster: 0 URIs");
        assertThat(Redis.at("redis://user:secret@host:7")).hasToString("Redis[host:7]");
    }
}
