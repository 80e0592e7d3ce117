package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.Retention;
import dev.remora.wire.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is answered from memory is what Redis would say, though connections break and Redis forgets. */
@Tag("long")
class RedisStalenessTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Retention HOURS = Retention.idle(Duration.ofHours(4));
    private static final AffinityKey KEY = AffinityKey.of("session");
    private static final BackendId A = new BackendId("a");
    private static final BackendId B = new BackendId("b");

    private final List<AutoCloseable> opened = new ArrayList<>();
    private RedisServer redis;

    private void start(RedisVersion version) {
        redis = RedisServer.start(version);
    }

    private RedisSessionMap map(Retention retention) {
        RedisSessionMap map = RedisSessionMap.builder(Redis.at(redis.uri()))
                .retention(retention)
                .maxStale(
                        retention.idle().dividedBy(4).compareTo(Duration.ofDays(1)) < 0
                                ? retention.idle().dividedBy(4)
                                : Duration.ofDays(1))
                .deadline(Duration.ofSeconds(10))
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

    private static Binding bind(RedisSessionMap map, AffinityKey key, BackendId backend) {
        return map.bind(key, backend).toCompletableFuture().join().orElseThrow();
    }

    private static boolean answers(RedisSessionMap map) {
        return map.reachable() && map.bind(KEY, A).toCompletableFuture().join().isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aRebindOnOneGatewayIsSeenByTheOthers(RedisVersion version) {
        start(version);
        List<RedisSessionMap> gateways = List.of(map(HOURS), map(HOURS), map(HOURS), map(HOURS));
        Binding binding = bind(gateways.get(0), KEY, A);
        gateways.forEach(gateway -> bind(gateway, KEY, A));
        for (int round = 0; round < 50; round++) {
            RedisSessionMap rebinds = gateways.get(round % 4);
            BackendId next = new BackendId("b" + round);
            binding = rebinds.rebind(KEY, binding.fence(), next)
                    .toCompletableFuture()
                    .join();
            assertThat(binding.backend()).isEqualTo(next);
            Binding expected = binding;
            for (RedisSessionMap gateway : gateways) {
                Eventually.holds(
                        "no stale answer from memory",
                        PATIENCE,
                        () -> gateway.peek(KEY).map(expected::equals).orElse(true));
                assertThat(bind(gateway, KEY, A)).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterALostConnectionNothingIsToldWithoutAQuestion(RedisVersion version) {
        start(version);
        RedisSessionMap mine = map(HOURS);
        RedisSessionMap other = map(HOURS);
        Binding first = bind(mine, KEY, A);
        bind(other, KEY, A);
        redis.command("CLIENT", "KILL", "TYPE", "normal");
        // Redis tells nobody of this change: who tracked the key is gone.
        redis.command("SET", new SessionKeys("remora:session:").nameOf(KEY), "1 " + (first.fence() + 1) + " 0 b");
        Eventually.holds(
                "seen",
                PATIENCE,
                () -> mine.peek(KEY).filter(b -> b.backend().equals(B)).isPresent());
        Eventually.holds(
                "seen",
                PATIENCE,
                () -> other.peek(KEY).filter(b -> b.backend().equals(B)).isPresent());
        assertThat(bind(mine, KEY, A)).isEqualTo(new Binding(B, first.fence() + 1));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsTrackedAgainAfterALostConnectionIsInvalidatedAgain(RedisVersion version) {
        start(version);
        RedisSessionMap mine = map(HOURS);
        RedisSessionMap other = map(HOURS);
        bind(mine, KEY, A);
        for (int round = 0; round < 5; round++) {
            redis.command("CLIENT", "KILL", "TYPE", "normal");
            Eventually.holds("an answer", PATIENCE, () -> answers(mine) && answers(other));
            BackendId next = new BackendId("r" + round);
            // Presumed, and told a little later, if the loss of the connection was not noticed yet.
            mine.rebind(KEY, bind(mine, KEY, A).fence(), next)
                    .toCompletableFuture()
                    .join();
            Eventually.holds(
                    "the other gateway does not tell the old one",
                    PATIENCE,
                    () -> bind(other, KEY, A).backend().equals(next));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatRedisForgetsAtOnceItIsGivenBack(RedisVersion version) {
        start(version);
        RedisSessionMap mine = map(HOURS);
        RedisSessionMap other = map(HOURS);
        for (int i = 0; i < 500; i++) {
            bind(mine, AffinityKey.of("s" + i), A);
        }
        redis.command("FLUSHALL");
        Eventually.holds("all are back", PATIENCE, () -> "500".equals(redis.command("DBSIZE")));
        for (int i = 0; i < 500; i++) {
            assertThat(bind(other, AffinityKey.of("s" + i), B).backend()).isEqualTo(A);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatRedisHasEvictedIsNoticed(RedisVersion version) {
        start(version);
        RedisSessionMap mine = map(HOURS);
        bind(mine, KEY, A);
        redis.command("DEL", new SessionKeys("remora:session:").nameOf(KEY));
        Eventually.holds("no answer from memory", PATIENCE, () -> mine.peek(KEY).isEmpty());
        assertThat(bind(mine, KEY, B).backend()).isEqualTo(B);
    }

    @ParameterizedTest
    @EnumSource
    void tenThousandTouchesCauseNoStormOfInvalidations(RedisVersion version) {
        start(version);
        List<RedisSessionMap> gateways = List.of(map(HOURS), map(HOURS), map(HOURS), map(HOURS));
        int sessions = 100;
        for (RedisSessionMap gateway : gateways) {
            for (int i = 0; i < sessions; i++) {
                bind(gateway, AffinityKey.of("s" + i), A);
            }
        }
        for (int touch = 0; touch < 10_000; touch++) {
            gateways.get(touch % 4).touch(AffinityKey.of("s" + touch % sessions));
        }
        assertThat(gateways).allSatisfy(gateway -> {
            assertThat(gateway.stats().touches())
                    .as("of sessions that were bound just now")
                    .isZero();
            assertThat(gateway.stats().invalidations()).isZero();
        });
    }

    @ParameterizedTest
    @EnumSource
    void sessionsInUseLiveOnWithFewInvalidations(RedisVersion version) {
        start(version);
        Duration idle = Duration.ofSeconds(2);
        List<RedisSessionMap> gateways =
                List.of(map(Retention.idle(idle)), map(Retention.idle(idle)), map(Retention.idle(idle)));
        int sessions = 20;
        List<Binding> bound = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            bound.add(bind(gateways.get(0), AffinityKey.of("s" + i), A));
        }
        long until = System.nanoTime() + idle.multipliedBy(4).toNanos();
        while (System.nanoTime() < until) {
            for (RedisSessionMap gateway : gateways) {
                for (int i = 0; i < sessions; i++) {
                    AffinityKey key = AffinityKey.of("s" + i);
                    Optional<Binding> known = gateway.peek(key);
                    assertThat(known.orElseGet(() -> bind(gateway, key, B))).isEqualTo(bound.get(i));
                    gateway.touch(key);
                }
            }
        }
        long invalidations = gateways.stream()
                .mapToLong(gateway -> gateway.stats().invalidations())
                .sum();
        // In four idle times: a prolongation each quarter, told to two others, with room for a coincidence or two.
        assertThat(invalidations).isLessThan(sessions * 2L * 4 * 4 * 2);
    }

    @Test
    void whoMayNotTrackAsksEachTime() {
        start(RedisVersion.V7_0);
        redis.command("ACL", "SETUSER", "gateway", "on", ">pass", "~*", "+@all", "-client|tracking");
        RedisSessionMap mine = RedisSessionMap.builder(Redis.at("redis://gateway:pass@127.0.0.1:" + redis.port()))
                .deadline(Duration.ofSeconds(10))
                .build();
        opened.add(mine);
        Eventually.holds("a link to Redis", PATIENCE, mine::reachable);
        bind(mine, KEY, A);
        assertThat(mine.peek(KEY)).isEmpty();
        assertThat(bind(mine, KEY, B).backend()).isEqualTo(A);
        assertThat(mine.stats().asked()).isEqualTo(2);
    }
}
