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
 * <p>A map in this process knows all of its keys, and its stages are complete already. A map that is shared asks its store
 * for the keys that nobody looked for here lately, and answers from what it knows by its deadline: no stage completes
 * exceptionally because a store is out of reach. Thread-safe; no method blocks.
 */
public interface SessionMap {

    /** What is known here and now, without asking anybody. Looking keeps the binding alive. */
    Optional<Binding> peek(AffinityKey key);

    /** Whether a key that {@link #peek} does not know is bound nowhere: true for a map that is not shared. */
    default boolean knowsAll() {
        return true;
    }

    /** How long a key is remembered that nobody looks for: keys in use are touched more often; a minute by default. */
    default Duration idle() {
        return Duration.ofMinutes(1);
    }

    /** What the key is bound to, asking a shared store if there is one. Looking keeps the binding alive. */
    CompletionStage<Optional<Binding>> find(AffinityKey key);

    /**
     * Binds a key that is not bound.
     *
     * @return the binding that holds now: this one, or that of whoever was first; nothing when the store did not say in
     *     time. Then the caller takes a back end that others choose too, by a hash of the key, and {@link #presume presumes}
     */
    CompletionStage<Optional<Binding>> bind(AffinityKey key, BackendId backend);

    /**
     * Binds a key here and now, without an answer from a shared store, which is told later: the first value there wins.
     *
     * @return the binding that is assumed from now on: this one, or what is remembered here
     */
    Binding presume(AffinityKey key, BackendId backend);

    /**
     * Binds a key anew if its fence is still the expected one; a key that has been forgotten meanwhile is bound.
     *
     * @return the binding that holds now: this one, or that of whoever was first; when a store did not say in time, this
     *     one is presumed
     */
    CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend);

    /**
     * Forgets a key if its fence is still the expected one.
     *
     * @return whether it was forgotten; false when a store did not say in time
     */
    CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence);

    /** Keeps a binding alive that is in use, as {@link #peek} does; a key that is not bound stays so. */
    void touch(AffinityKey key);

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
        return local(Retention.idle(idle).withMaxEntries(maxEntries), clock);
    }

    /** As {@link #local(long, Duration)}, with all that can be bounded. */
    static SessionMap local(Retention retention, NanoClock clock) {
        return new LocalSessionMap(retention, clock);
    }
}
