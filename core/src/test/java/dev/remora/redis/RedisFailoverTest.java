package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.wire.Eventually;
import dev.remora.wire.Meanwhile;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A master fails, and another one takes its place, while four gateways route 2,000 requests a second. */
@Tag("long")
class RedisFailoverTest {

    private static final int KNOWN = 200;

    private static void routeThrough(Fleet fleet, Runnable fault) {
        fleet.meet(KNOWN);
        fleet.route(2_000, KNOWN, 1);
        CompletableFuture<Void> failover = Meanwhile.run(fault);
        for (int round = 2; !failover.isDone(); round++) {
            fleet.route(1_000, KNOWN, round);
        }
        failover.join();
        fleet.route(2_000, KNOWN, 1_000);
        fleet.settle();
        assertThat(fleet.failed.sum()).as("requests that failed").isZero();
        assertThat(fleet.openStreams()).isZero();
        assertThat(fleet.movesOfKnown.sum()).isZero();
        Eventually.holds(
                "the gateways agree on all sessions again",
                Fleet.PATIENCE,
                () -> fleet.disagreements(fleet.sessions()) == 0);
    }

    @ParameterizedTest
    @EnumSource
    void aMasterOfAClusterFails(RedisVersion version) {
        try (RedisCluster cluster = RedisCluster.start(version);
                Fleet fleet = Fleet.on(Redis.cluster(cluster.uris().toArray(String[]::new)), map -> map)) {
            routeThrough(fleet, () -> {
                cluster.killMasterOf("any");
                cluster.awaitRecovered();
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void theMasterThatSentinelNamesFails(RedisVersion version) {
        try (RedisSentinel sentinel = RedisSentinel.start(version);
                Fleet fleet = Fleet.on(Redis.at(sentinel.uri()), map -> map)) {
            routeThrough(fleet, () -> {
                sentinel.killMaster();
                sentinel.awaitRecovered();
            });
        }
    }

    @Test
    void clientsOfTheUserAreUsedAndLeftOpen() {
        try (RedisServer server = RedisServer.start(RedisVersion.V7_0);
                RedisCluster cluster = RedisCluster.start(RedisVersion.V7_0)) {
            RedisClient client = RedisClient.create();
            RedisURI uri = RedisURI.create(server.uri());
            try (Fleet fleet = Fleet.on(Redis.client(client, uri), map -> map)) {
                fleet.meet(10);
                assertThat(fleet.disagreements(fleet.sessions())).isZero();
            }
            assertThat(client.connect(uri).sync().dbsize()).isEqualTo(10);
            client.shutdown();

            RedisClusterClient clusterClient = RedisClusterClient.create(
                    cluster.uris().stream().map(RedisURI::create).toList());
            try (Fleet fleet = Fleet.on(Redis.client(clusterClient), map -> map)) {
                fleet.meet(10);
                assertThat(fleet.disagreements(fleet.sessions())).isZero();
            }
            assertThat(clusterClient.connect().sync().dbsize()).isEqualTo(10);
            clusterClient.shutdown();
        }
    }

    @Test
    void aSlotThatMovesIsFollowed() {
        try (RedisCluster cluster = RedisCluster.start(RedisVersion.V7_0);
                Fleet fleet = Fleet.on(Redis.cluster(cluster.uris().toArray(String[]::new)), map -> map)) {
            fleet.meet(KNOWN);
            String name =
                    new SessionKeys("remora:session:").nameOf(dev.remora.affinity.AffinityKey.of(Fleet.session(0)));
            String slot = String.valueOf(cluster.nodes().get(0).command("CLUSTER", "KEYSLOT", name));
            RedisServer from = cluster.masterFor(name);
            RedisServer to = cluster.nodes().stream()
                    .filter(node ->
                            String.valueOf(node.command("ROLE")).startsWith("[master") && node.port() != from.port())
                    .findFirst()
                    .orElseThrow();
            String fromId = String.valueOf(from.command("CLUSTER", "MYID"));
            String toId = String.valueOf(to.command("CLUSTER", "MYID"));
            to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
            from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
            from.command("MIGRATE", "127.0.0.1", String.valueOf(to.port()), name, "0", "5000");
            // Now the key is there, and its slot still here: Redis says ASK.
            List<String> session = List.of(Fleet.session(0));
            assertThat(fleet.disagreements(session)).isZero();
            from.command("CLUSTER", "SETSLOT", slot, "NODE", toId);
            to.command("CLUSTER", "SETSLOT", slot, "NODE", toId);
            assertThat(fleet.disagreements(session)).isZero();
            fleet.settle();
            assertThat(fleet.movesOfKnown.sum()).isZero();
            assertThat(fleet.failed.sum()).isZero();
            assertThat(to.command("EXISTS", name)).isEqualTo("1");
        }
    }
}
