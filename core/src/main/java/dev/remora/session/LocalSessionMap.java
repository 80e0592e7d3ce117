package dev.remora.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.remora.affinity.AffinityKey;
import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A session map in the memory of this process. Each change of a key is one atomic step of the cache's map. One counter
 * gives all fences, so that a key that was forgotten and bound again still shuts out who held it before.
 */
final class LocalSessionMap implements SessionMap {

    private final Cache<AffinityKey, Held> cache;
    private final ConcurrentMap<AffinityKey, Held> bindings;
    private final NanoClock clock;
    private final Duration idle;
    private final AtomicLong fences = new AtomicLong();

    LocalSessionMap(Retention retention, NanoClock clock) {
        this.clock = clock;
        this.idle = retention.idle();
        this.cache = Caffeine.newBuilder()
                .maximumWeight(retention.maxBytes())
                .weigher((AffinityKey key, Held held) -> retention.weight(key, held.binding()))
                .expireAfter(new SlidingWithinMaxAge(retention))
                .ticker(clock::nanos)
                .executor(Runnable::run) // upkeep is short, and the common pool is not ours
                .build();
        this.bindings = cache.asMap();
    }

    @Override
    public Optional<Binding> peek(AffinityKey key) {
        Held held = bindings.get(key.bounded());
        return held == null ? Optional.empty() : held.answer;
    }

    @Override
    public Duration idle() {
        return idle;
    }

    @Override
    public CompletionStage<Optional<Binding>> find(AffinityKey key) {
        return CompletableFuture.completedFuture(peek(key));
    }

    @Override
    public CompletionStage<Optional<Binding>> bind(AffinityKey key, BackendId backend) {
        return CompletableFuture.completedFuture(first(key, backend).answer);
    }

    @Override
    public Binding presume(AffinityKey key, BackendId backend) {
        return first(key, backend).binding();
    }

    private Held first(AffinityKey key, BackendId backend) {
        Held mine = held(backend, 0);
        Held first = bindings.putIfAbsent(key.bounded(), mine);
        return first == null ? mine : first;
    }

    @Override
    public CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
        Held next = held(backend, expectedFence);
        Held holds = bindings.merge(
                key.bounded(), next, (present, mine) -> present.binding().fence() == expectedFence ? mine : present);
        return CompletableFuture.completedFuture(holds.binding());
    }

    @Override
    public CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence) {
        Held present = bindings.get(key.bounded());
        boolean forgotten = present != null
                && present.binding().fence() == expectedFence
                && bindings.remove(key.bounded(), present);
        return CompletableFuture.completedFuture(forgotten);
    }

    @Override
    public void touch(AffinityKey key) {
        peek(key);
    }

    private Held held(BackendId backend, long above) {
        long fence = fences.updateAndGet(last -> Math.max(last, above) + 1);
        return new Held(Optional.of(new Binding(backend, fence)), clock.nanos());
    }

    /** Lets the cache catch up with evictions that it has put off. */
    void settle() {
        cache.cleanUp();
    }

    /**
     * What is kept of a key.
     *
     * @param answer never empty, and wrapped once for all who look
     * @param since when it was bound
     */
    private record Held(Optional<Binding> answer, long since) {
        Binding binding() {
            return answer.orElseThrow();
        }
    }

    /** Each look lengthens the life of an entry by the idle time, up to its age limit. */
    private record SlidingWithinMaxAge(long idleNanos, long maxAgeNanos) implements Expiry<AffinityKey, Held> {

        SlidingWithinMaxAge(Retention retention) {
            this(
                    retention.idle().toNanos(),
                    retention.maxAge().map(age -> age.toNanos()).orElse(Long.MAX_VALUE));
        }

        @Override
        public long expireAfterCreate(AffinityKey key, Held held, long now) {
            return left(held, now);
        }

        @Override
        public long expireAfterUpdate(AffinityKey key, Held held, long now, long left) {
            return left(held, now);
        }

        @Override
        public long expireAfterRead(AffinityKey key, Held held, long now, long left) {
            return left(held, now);
        }

        private long left(Held held, long now) {
            return Math.min(idleNanos, maxAgeNanos - (now - held.since()));
        }
    }
}
