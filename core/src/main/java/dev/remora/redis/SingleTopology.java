package dev.remora.redis;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;

/** One master keeps all sessions: a standalone server, or the one that Sentinel names. */
record SingleTopology(Shard shard, ScheduledExecutorService thread, Runnable afterwards) implements Topology {

    @Override
    public void open() {
        thread.execute(shard::open);
    }

    @Override
    public Shard shardOf(String key) {
        return shard;
    }

    @Override
    public Optional<Shard> shardAt(String address) {
        return Optional.empty();
    }

    @Override
    public void outdated() {}

    @Override
    public boolean reachable() {
        return shard.link() != null;
    }

    @Override
    public void close() {
        CompletableFuture<Void> unused = shard.close().whenComplete((done, failure) -> afterwards.run());
    }
}
