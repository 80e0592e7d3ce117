package dev.remora.session;

import dev.remora.affinity.AffinityKey;
import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Remembers which back end a key is bound to. The first writer wins; every rebind raises the fence.
 *
 * <p>Stages that a map in this process returns are complete already. No stage completes exceptionally because a store
 * is out of reach; a map that asks elsewhere answers from what it knows by its deadline. Thread-safe; no method blocks.
 */
public interface SessionMap {

    /** What is known here and now, without asking anybody. */
    Optional<Binding> peek(AffinityKey key);

    /** What the key is bound to, asking a shared store if there is one. Looking keeps the binding alive. */
    CompletionStage<Optional<Binding>> find(AffinityKey key);

    /**
     * Binds a key that is not bound.
     *
     * @return the binding that holds now: this one, or that of whoever was first
     */
    CompletionStage<Binding> bind(AffinityKey key, BackendId backend);

    /**
     * Binds a key anew if its fence is still the expected one; a key that has been forgotten meanwhile is bound.
     *
     * @return the binding that holds now: this one, or that of whoever was first
     */
    CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend);

    /**
     * Forgets a key if its fence is still the expected one.
     *
     * @return whether it was forgotten
     */
    CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence);

    /**
     * A map in the memory of this process, on Caffeine.
     *
     * @param maxEntries the most keys remembered, at least 1; the least used are forgotten beyond it
     * @param idle how long a key that nobody looks for is remembered, above 0
     */
    static SessionMap local(long maxEntries, Duration idle) {
        return local(maxEntries, idle, NanoClock.system());
    }

    /** As {@link #local(long, Duration)}, on another clock. */
    static SessionMap local(long maxEntries, Duration idle, NanoClock clock) {
        return new LocalSessionMap(maxEntries, idle, clock);
    }
}
