package dev.remora.redis;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Where Redis is: one server, a master that Sentinel names, or a Cluster; 6.2 or later. Nothing is connected before it is
 * used. Immutable and thread-safe.
 */
public final class Redis {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final String name;
    private final Opener opener;

    private Redis(String name, Opener opener) {
        this.name = name;
        this.opener = opener;
    }

    /** Makes the way to the masters. */
    @FunctionalInterface
    private interface Opener {
        Topology open(Surroundings around);
    }

    /** What a way to the masters is made of, beside their addresses. */
    record Surroundings(
            Purpose purpose,
            ScheduledExecutorService thread,
            RandomGenerator random,
            int mostWaiting,
            Shard.Watcher watcher) {

        /** With a thread of its own, which is to be shut down. */
        Surroundings(Purpose purpose, RandomGenerator random, int mostWaiting, Shard.Watcher watcher) {
            this(purpose, Surroundings.newThread(), random, mostWaiting, watcher);
        }

        private static ScheduledExecutorService newThread() {
            var executor = new ScheduledThreadPoolExecutor(1, task -> {
                Thread thread = new Thread(task, "remora-redis");
                thread.setDaemon(true);
                return thread;
            });
            executor.setRemoveOnCancelPolicy(true); // nearly every deadline is cancelled
            return executor;
        }
    }

    /**
     * One server, or the master that Sentinel names.
     *
     * @param uri as Lettuce writes it: {@code redis://[user:password@]host[:port][/database]}, {@code rediss://...} for TLS, or
     *     {@code redis-sentinel://[password@]host[:port][,host...]#master}
     * @throws IllegalArgumentException if it is not of that form
     */
    public static Redis at(String uri) {
        RedisURI parsed = parse(uri);
        return new Redis(nameOf(parsed), around -> {
            ClientResources resources = threads();
            RedisClient client = RedisClient.create(resources);
            client.setOptions(options());
            return single(client, parsed, around, () -> close(client, resources));
        });
    }

    /**
     * A Cluster.
     *
     * @param uris of at least one of its servers; the others are found by it
     * @throws IllegalArgumentException if there is none, or one is not of the form {@code redis://...} or {@code rediss://...}
     */
    public static Redis cluster(String... uris) {
        List<RedisURI> seeds = Arrays.stream(uris).map(Redis::parse).toList();
        if (seeds.isEmpty() || seeds.stream().anyMatch(seed -> seed.getHost() == null)) {
            throw new IllegalArgumentException(
                    "redis cluster: " + seeds.size() + " URIs (expected: at least one, redis://host:port each)");
        }
        return new Redis("cluster of " + nameOf(seeds.get(0)), around -> {
            ClientResources resources = threads();
            RedisClusterClient topology = RedisClusterClient.create(resources, seeds);
            topology.setOptions(ClusterClientOptions.builder(options()).build());
            RedisClient client = RedisClient.create(resources);
            client.setOptions(options());
            return clustered(topology, client, around, () -> {
                shutDown(topology);
                close(client, resources);
            });
        });
    }

    /**
     * One server, or the master that Sentinel names, by a client of yours, which is never shut down here. Its connections must
     * speak RESP3, Lettuce's default. A URI of Sentinels should have a time-out of about a second.
     */
    public static Redis client(RedisClient client, RedisURI uri) {
        return new Redis(nameOf(uri), around -> single(client, patient(uri), around, () -> {}));
    }

    /**
     * A Cluster, by a client of yours, which is never shut down here: its view of the cluster, its threads and its socket
     * options are used.
     */
    public static Redis client(RedisClusterClient client) {
        return new Redis("cluster", around -> {
            RedisClient nodes = RedisClient.create(client.getResources());
            nodes.setOptions(client.getOptions());
            return clustered(client, nodes, around, () -> shutDown(nodes));
        });
    }

    Topology open(Surroundings around) {
        return opener.open(around);
    }

    private static Topology single(RedisClient client, RedisURI uri, Surroundings around, Runnable afterwards) {
        return new SingleTopology(shard(client, uri, around), around.thread(), afterwards);
    }

    private static Topology clustered(
            RedisClusterClient topology, RedisClient client, Surroundings around, Runnable afterwards) {
        Shard nowhere = shard(client, RedisURI.create("localhost", 1), around);
        return new ClusterTopology(
                topology, uri -> shard(client, patient(uri), around), nowhere, around.thread(), afterwards);
    }

    private static Shard shard(RedisClient client, RedisURI uri, Surroundings around) {
        return new Shard("Redis at " + nameOf(uri), () -> client.connectAsync(StringCodec.ASCII, uri), around);
    }

    // A connection lives once: when it breaks we make another one, and know that all is to be tracked anew.
    private static ClientOptions options() {
        return ClientOptions.builder()
                .protocolVersion(ProtocolVersion.RESP3)
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(PATIENCE)
                        .keepAlive(true)
                        .build())
                .build();
    }

    private static ClientResources threads() {
        return DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .build();
    }

    private static void close(RedisClient client, ClientResources resources) {
        CompletableFuture<Void> unused = shutDown(client).whenComplete((done, failure) -> {
            var unusedToo = resources.shutdown(0, 1, TimeUnit.SECONDS);
        });
    }

    @CanIgnoreReturnValue
    private static CompletableFuture<Void> shutDown(AbstractRedisClient client) {
        return client.shutdownAsync(0, 1, TimeUnit.SECONDS);
    }

    private static RedisURI parse(String uri) {
        try {
            RedisURI parsed = RedisURI.create(uri);
            parsed.setTimeout(PATIENCE);
            return parsed;
        } catch (IllegalArgumentException e) {
            // Neither the text nor the cause: there may be a password in them.
            throw new IllegalArgumentException("redis: " + uri.replaceAll("(?s)(//).*@", "$1...@")
                    + " (expected: redis://host:port, rediss://host:port or redis-sentinel://host:port#master)");
        }
    }

    // How long a server may take to greet. Lettuce cannot copy an address of Sentinels.
    private static RedisURI patient(RedisURI uri) {
        return uri.getSentinels().isEmpty()
                ? RedisURI.builder(uri).withTimeout(PATIENCE).build()
                : uri;
    }

    private static String nameOf(RedisURI uri) {
        return uri.getHost() == null ? "master " + uri.getSentinelMasterId() : uri.getHost() + ":" + uri.getPort();
    }

    /** Where it is, without user and password. */
    @Override
    public String toString() {
        return "Redis[" + name + "]";
    }
}
