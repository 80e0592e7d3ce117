package dev.remora.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The masters of a Redis Cluster and their slots. Lettuce finds out who they are; the connections are ours, one to each
 * master, since only on a connection of our own do we know what Redis tracks for us. The picture is taken anew every 30
 * seconds, and while a master is missing after 250 milliseconds, then less and less often, every 2 seconds at last.
 */
final class ClusterTopology implements Topology {

    private static final Logger log = LoggerFactory.getLogger(RedisSessionMap.class);

    private static final long CALM_MILLIS = 30_000;
    private static final long SOON_MILLIS = 250;
    private static final long MOST_SOON_MILLIS = 2_000;

    private final RedisClusterClient client;
    private final Function<RedisURI, Shard> shards;
    private final Shard nowhere;
    private final ScheduledExecutorService thread;
    private final Runnable afterwards;

    // Written on the thread alone.
    private volatile Shard[] bySlot;
    private volatile Map<String, Shard> byAddress = Map.of();

    // Of the thread alone.
    private boolean refreshing;
    private int looks;
    private @Nullable ScheduledFuture<?> nextLook;
    private boolean closed;

    /**
     * A cluster that nothing is known of yet.
     *
     * @param shards makes the shard of a master
     * @param nowhere a shard that is never reachable, for slots that nobody serves
     * @param afterwards closes the clients
     */
    ClusterTopology(
            RedisClusterClient client,
            Function<RedisURI, Shard> shards,
            Shard nowhere,
            ScheduledExecutorService thread,
            Runnable afterwards) {
        this.client = client;
        this.shards = shards;
        this.nowhere = nowhere;
        this.thread = thread;
        this.afterwards = afterwards;
        this.bySlot = new Shard[SlotHash.SLOT_COUNT];
        Arrays.fill(bySlot, nowhere);
    }

    @Override
    public void open() {
        thread.execute(this::look);
    }

    private void look() {
        refresh();
        if (nextLook != null) {
            nextLook.cancel(false);
        }
        if (!closed) {
            nextLook = thread.schedule(this::look, pauseMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private long pauseMillis() {
        if (isWhole()) {
            looks = 0;
            return CALM_MILLIS;
        }
        return Math.min(MOST_SOON_MILLIS, SOON_MILLIS << Math.min(looks++, 8));
    }

    private boolean isWhole() {
        return reachable() && Arrays.stream(bySlot).noneMatch(nowhere::equals);
    }

    private void refresh() {
        if (refreshing || closed) {
            return;
        }
        refreshing = true;
        CompletionStage<Void> refreshed;
        try {
            refreshed = client.refreshPartitionsAsync();
        } catch (RuntimeException e) {
            refreshed(e);
            return;
        }
        refreshed.whenComplete((done, failure) -> onThread(() -> refreshed(failure)));
    }

    private void refreshed(@Nullable Throwable failure) {
        refreshing = false;
        if (failure == null && !closed) {
            follow(client.getPartitions());
        }
        if (failure != null) {
            log.debug("the cluster does not say who its masters are", failure);
        }
    }

    private void follow(Partitions partitions) {
        Map<String, Shard> known = new HashMap<>(byAddress);
        Shard[] slots = new Shard[SlotHash.SLOT_COUNT];
        Set<Shard> fresh = new HashSet<>();
        Map<String, Shard> current = new HashMap<>();
        for (int slot = 0; slot < slots.length; slot++) {
            RedisClusterNode master = partitions.getMasterBySlot(slot);
            if (master == null) {
                slots[slot] = nowhere;
                continue;
            }
            String address = address(master.getUri());
            slots[slot] = known.computeIfAbsent(address, unused -> {
                Shard made = shards.apply(master.getUri());
                fresh.add(made);
                return made;
            });
            current.put(address, slots[slot]);
        }
        byAddress = Map.copyOf(current);
        bySlot = slots;
        known.forEach((address, shard) -> {
            if (!current.containsKey(address)) {
                shard.close();
            }
        });
        fresh.forEach(Shard::open);
    }

    private static String address(RedisURI uri) {
        return uri.getHost() + ":" + uri.getPort();
    }

    @Override
    public Shard shardOf(String key) {
        return bySlot[SlotHash.getSlot(key)];
    }

    @Override
    public Optional<Shard> shardAt(String address) {
        return Optional.ofNullable(byAddress.get(address));
    }

    @Override
    public void outdated() {
        onThread(this::look);
    }

    private void onThread(Runnable step) {
        try {
            thread.execute(step);
        } catch (RejectedExecutionException e) {
            log.debug("the way to the cluster is closed", e);
        }
    }

    @Override
    public boolean reachable() {
        Map<String, Shard> masters = byAddress;
        return !masters.isEmpty() && masters.values().stream().allMatch(shard -> shard.link() != null);
    }

    @Override
    public void close() {
        closed = true;
        CompletableFuture<?>[] links =
                byAddress.values().stream().map(Shard::close).toArray(CompletableFuture[]::new);
        CompletableFuture<Void> unused =
                CompletableFuture.allOf(links).whenComplete((done, failure) -> afterwards.run());
    }
}
