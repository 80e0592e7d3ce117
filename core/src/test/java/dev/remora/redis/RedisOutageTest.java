package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.wire.Eventually;
import dev.remora.wire.Meanwhile;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis breaks in every way while four gateways route 2,000 requests a second; no request is lost, and hardly one waits. */
@Tag("long")
class RedisOutageTest {

    private static final int KNOWN = 200;

    /** Routes for a second, breaks Redis in the middle of the next two, mends it, and routes for one more. */
    private static void survives(
            RedisVersion version, Consumer<RedisServer> breaks, Consumer<RedisServer> mends, Consumer<Fleet> verdict) {
        survives(version, map -> map, breaks, mends, verdict);
    }

    private static void survives(
            RedisVersion version,
            UnaryOperator<RedisSessionMap.Builder> tuning,
            Consumer<RedisServer> breaks,
            Consumer<RedisServer> mends,
            Consumer<Fleet> verdict) {
        try (RedisServer redis = RedisServer.start(version);
                Fleet fleet = Fleet.on(Redis.at(redis.uri()), tuning)) {
            fleet.meet(KNOWN);
            fleet.route(2_000, KNOWN, 1);
            long lateBefore = fleet.late();
            CompletableFuture<Void> fault = Meanwhile.run(() -> breaks.accept(redis));
            fleet.route(4_000, KNOWN, 2);
            fault.join();
            assertThat(fleet.late() - lateBefore)
                    .as("requests that waited in vain, at most the cap of each gateway")
                    .isLessThanOrEqualTo(4 * Fleet.MOST_WAITING);
            mends.accept(redis);
            fleet.route(2_000, KNOWN, 3);
            fleet.settle();
            assertThat(fleet.failed.sum()).as("requests that failed").isZero();
            assertThat(fleet.openStreams()).isZero();
            assertThat(fleet.movesOfKnown.sum())
                    .as("sessions that all gateways knew and that moved")
                    .isZero();
            assertThat(fleet.lost()).isEqualTo(fleet.toldLost.sum());
            Eventually.holds(
                    "the gateways agree on all sessions again",
                    Fleet.PATIENCE,
                    () -> fleet.disagreements(fleet.sessions()) == 0);
            verdict.accept(fleet);
        }
    }

    @ParameterizedTest
    @EnumSource
    void killedAndBackEmpty(RedisVersion version) {
        survives(
                version,
                RedisServer::kill,
                RedisServer::restart,
                fleet -> assertThat(fleet.transitions.sum())
                        .as("each gateway found, lost and found Redis")
                        .isEqualTo(4 * 3));
    }

    @ParameterizedTest
    @EnumSource
    void restartedEmptyAtOnce(RedisVersion version) {
        survives(version, RedisServer::restart, redis -> {}, fleet -> {});
    }

    @ParameterizedTest
    @EnumSource
    void stoppedAndContinued(RedisVersion version) {
        survives(
                version,
                map -> map.deadline(Duration.ofMillis(200)).maxWaiting(Fleet.MOST_WAITING),
                RedisServer::pause,
                RedisServer::resume,
                fleet -> assertThat(fleet.late()).isPositive());
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
                redis -> {},
                fleet -> {});
    }

    @ParameterizedTest
    @EnumSource
    void flushed(RedisVersion version) {
        survives(version, redis -> redis.command("FLUSHALL"), redis -> {}, fleet -> {});
    }
}
