package dev.remora.redis;

import dev.remora.wire.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A real Redis Cluster: three masters, and a replica of each. A node that does not answer is given up after a second, so
 * that a failover takes about two. Not thread-safe.
 */
public final class RedisCluster implements AutoCloseable {

    private static final int MASTERS = 3;
    private static final int SLOTS = 16_384;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String[] CONFIG = {
        "--cluster-enabled", "yes",
        "--cluster-node-timeout", "1000",
        // A replica takes part in the election however long it was without its master, and is in sync without a delay.
        "--cluster-replica-validity-factor", "0",
        "--repl-diskless-sync-delay", "0",
        // CLUSTER SLOTS of 7.0 leaves a replica out until it has received something.
        "--repl-ping-replica-period", "1",
    };

    private final List<RedisServer> nodes = new ArrayList<>();

    private RedisCluster() {}

    /** Starts a cluster; returns when every node knows it as a whole and the replicas are in sync. */
    public static RedisCluster start(RedisVersion version) {
        var cluster = new RedisCluster();
        try {
            for (int i = 0; i < 2 * MASTERS; i++) {
                cluster.nodes.add(RedisServer.start(version, CONFIG));
            }
            cluster.form();
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** All of them, dead or alive: those that began as masters, then those that began as their replicas. */
    public List<RedisServer> nodes() {
        return List.copyOf(nodes);
    }

    public List<String> uris() {
        return nodes.stream().map(RedisServer::uri).toList();
    }

    /** The node that has the key now, in the eyes of one that serves. */
    public RedisServer masterFor(String key) {
        RedisServer witness = serving().get(0);
        int slot = Integer.parseInt(String.valueOf(witness.command("CLUSTER", "KEYSLOT", key)));
        int port = Shard.of(witness).stream()
                .filter(shard -> shard.first <= slot && slot <= shard.last)
                .findFirst()
                .orElseThrow()
                .masterPort;
        return nodes.stream().filter(node -> node.port() == port).findFirst().orElseThrow();
    }

    /** Kills the node that has the key, and returns it. */
    public RedisServer killMasterOf(String key) {
        RedisServer master = masterFor(key);
        master.kill();
        return master;
    }

    /** Returns when all nodes that serve agree on masters that serve, for all slots. */
    public void awaitRecovered() {
        Eventually.holds("recovery of the cluster", PATIENCE, this::isWhole);
    }

    @Override
    public void close() {
        nodes.forEach(RedisServer::close);
    }

    private void form() {
        for (int i = 0; i < MASTERS; i++) {
            nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", String.valueOf(i + 1));
            nodes.get(i).command(slotsOf(i));
        }
        for (RedisServer node : nodes) {
            nodes.get(0).command("CLUSTER", "MEET", "127.0.0.1", String.valueOf(node.port()));
        }
        Eventually.holds(
                "a meeting of all nodes", PATIENCE, () -> nodes.stream().allMatch(this::knowsAll));
        for (int i = 0; i < MASTERS; i++) {
            String master = String.valueOf(nodes.get(i).command("CLUSTER", "MYID"));
            nodes.get(MASTERS + i).command("CLUSTER", "REPLICATE", master);
        }
        Eventually.holds("a cluster in sync", PATIENCE, () -> isWhole() && isInSync());
    }

    /** One by one, because ADDSLOTSRANGE came with 7.0. */
    private static String[] slotsOf(int master) {
        IntStream slots = IntStream.range(master * SLOTS / MASTERS, (master + 1) * SLOTS / MASTERS);
        List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
        slots.mapToObj(String::valueOf).forEach(command::add);
        return command.toArray(String[]::new);
    }

    private boolean knowsAll(RedisServer node) {
        List<String> known =
                String.valueOf(node.command("CLUSTER", "NODES")).lines().toList();
        return known.size() == nodes.size() && known.stream().noneMatch(line -> line.contains("handshake"));
    }

    private boolean isWhole() {
        Set<List<Shard>> views = new HashSet<>();
        for (RedisServer node : serving()) {
            if (!node.info("cluster_state", "CLUSTER", "INFO").equals("ok")) {
                return false;
            }
            views.add(Shard.of(node));
        }
        return views.size() == 1 && views.iterator().next().stream().allMatch(this::isServed);
    }

    private boolean isServed(Shard shard) {
        return serving().stream()
                .filter(node -> node.port() == shard.masterPort)
                .anyMatch(node -> node.info("role", "INFO", "replication").equals("master"));
    }

    /** Every node knows every replica, and every replica has what its master has. */
    private boolean isInSync() {
        return nodes.stream().allMatch(node -> Shard.of(node).stream().allMatch(shard -> shard.replicas == 1))
                && nodes.subList(MASTERS, nodes.size()).stream()
                        .allMatch(replica -> replica.info("master_link_status", "INFO", "replication")
                                .equals("up"));
    }

    private List<RedisServer> serving() {
        return nodes.stream().filter(RedisServer::isServing).toList();
    }

    /** A range of slots as one node sees it. */
    private record Shard(int first, int last, int masterPort, int replicas) {

        static List<Shard> of(RedisServer witness) {
            return list(witness.command("CLUSTER", "SLOTS")).stream()
                    .map(range -> of(list(range)))
                    .sorted((a, b) -> Integer.compare(a.first, b.first))
                    .toList();
        }

        private static Shard of(List<?> range) {
            return new Shard(
                    number(range.get(0)),
                    number(range.get(1)),
                    number(list(range.get(2)).get(1)),
                    range.size() - 3);
        }

        private static int number(Object reply) {
            return Integer.parseInt(String.valueOf(reply));
        }

        private static List<?> list(Object reply) {
            return (List<?>) reply;
        }
    }
}
