package dev.remora.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.remora.affinity.AffinityKey;
import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;

/** A session map in the memory of this process. Each change of a key is one atomic step of the cache's map. */
final class LocalSessionMap implements SessionMap {

    private final Cache<AffinityKey, Binding> cache;
    private final ConcurrentMap<AffinityKey, Binding> bindings;

    LocalSessionMap(long maxEntries, Duration idle, NanoClock clock) {
        if (maxEntries < 1) {
            throw new IllegalArgumentException("maxEntries: " + maxEntries + " (expected: >= 1)");
        }
        if (idle.isNegative() || idle.isZero()) {
            throw new IllegalArgumentException("idle: " + idle + " (expected: > 0)");
        }
        this.cache = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .expireAfterAccess(idle)
                .ticker(clock::nanos)
                .executor(Runnable::run) // upkeep is short, and the common pool is not ours
                .build();
        this.bindings = cache.asMap();
    }

    @Override
    public Optional<Binding> peek(AffinityKey key) {
        return Optional.ofNullable(bindings.get(key.bounded()));
    }

    @Override
    public CompletionStage<Optional<Binding>> find(AffinityKey key) {
        return CompletableFuture.completedFuture(peek(key));
    }

    @Override
    public CompletionStage<Binding> bind(AffinityKey key, BackendId backend) {
        Binding mine = new Binding(backend, 1);
        Binding first = bindings.putIfAbsent(key.bounded(), mine);
        return CompletableFuture.completedFuture(first == null ? mine : first);
    }

    @Override
    public CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
        Binding next = new Binding(backend, expectedFence + 1);
        return CompletableFuture.completedFuture(bindings.merge(
                key.bounded(), next, (present, mine) -> present.fence() == expectedFence ? mine : present));
    }

    @Override
    public CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence) {
        Binding present = bindings.get(key.bounded());
        boolean forgotten =
                present != null && present.fence() == expectedFence && bindings.remove(key.bounded(), present);
        return CompletableFuture.completedFuture(forgotten);
    }

    /** Lets the cache catch up with evictions that it has put off. */
    void settle() {
        cache.cleanUp();
    }
}
