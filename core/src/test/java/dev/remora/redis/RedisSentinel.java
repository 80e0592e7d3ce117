package dev.remora.redis;

import dev.remora.wire.Eventually;
import java.time.Duration;
import java.util.List;

/**
 * A real Redis with a replica, and a Sentinel over them that gives the master up after half a second of silence, so that a
 * failover takes about two. Not thread-safe.
 */
public final class RedisSentinel implements AutoCloseable {

    private static final String NAME = "remora";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RedisServer first;
    private final RedisServer second;
    private final RedisServer sentinel;

    private RedisSentinel(RedisServer first, RedisServer second, RedisServer sentinel) {
        this.first = first;
        this.second = second;
        this.sentinel = sentinel;
    }

    /** Starts all three; returns when the replica is in sync and the Sentinel knows it. */
    public static RedisSentinel start(RedisVersion version) {
        RedisServer master = RedisServer.start(version, "--repl-diskless-sync-delay", "0");
        try {
            String port = String.valueOf(master.port());
            RedisServer replica = RedisServer.start(version, "--replicaof", "127.0.0.1", port);
            try {
                return watched(master, replica, RedisServer.start(version, "--sentinel"));
            } catch (RuntimeException | Error e) {
                replica.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            master.close();
            throw e;
        }
    }

    private static RedisSentinel watched(RedisServer master, RedisServer replica, RedisServer sentinel) {
        var watched = new RedisSentinel(master, replica, sentinel);
        try {
            watched.watch();
            return watched;
        } catch (RuntimeException | Error e) {
            sentinel.close();
            throw e;
        }
    }

    /** In the syntax of Lettuce. */
    public String uri() {
        return "redis-sentinel://127.0.0.1:" + sentinel.port() + "?sentinelMasterId=" + NAME;
    }

    /** The one that the Sentinel sends clients to, dead or alive. */
    public RedisServer master() {
        var address = (List<?>) sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME);
        return String.valueOf(first.port()).equals(address.get(1)) ? first : second;
    }

    public RedisServer replica() {
        return master() == first ? second : first;
    }

    public RedisServer sentinel() {
        return sentinel;
    }

    /** Kills the master, and returns it. */
    public RedisServer killMaster() {
        RedisServer master = master();
        master.kill();
        return master;
    }

    /** Returns when the Sentinel sends clients to a master that serves. */
    public void awaitRecovered() {
        Eventually.holds("recovery under the Sentinel", PATIENCE, () -> {
            RedisServer master = master();
            return master.isServing() && role(master).equals("master");
        });
    }

    @Override
    public void close() {
        sentinel.close();
        second.close();
        first.close();
    }

    private void watch() {
        // It learns of the replica when it asks the master for the first time, and then only every ten seconds.
        Eventually.holds(
                "a replica in sync",
                PATIENCE,
                () -> second.info("master_link_status", "INFO", "replication").equals("up"));
        sentinel.command("SENTINEL", "MONITOR", NAME, "127.0.0.1", String.valueOf(first.port()), "1");
        sentinel.command("SENTINEL", "SET", NAME, "down-after-milliseconds", "500");
        sentinel.command("SENTINEL", "SET", NAME, "failover-timeout", "2000");
        Eventually.holds("a Sentinel that knows the replica", PATIENCE, this::isKnown);
    }

    private boolean isKnown() {
        List<?> replicas = (List<?>) sentinel.command("SENTINEL", "REPLICAS", NAME);
        return replicas.size() == 1
                && fact("master-link-status", (List<?>) replicas.get(0)).equals("ok");
    }

    /** Names and values take turns. */
    private static String fact(String name, List<?> facts) {
        return String.valueOf(facts.get(facts.indexOf(name) + 1));
    }

    private static String role(RedisServer server) {
        return server.info("role", "INFO", "replication");
    }
}
