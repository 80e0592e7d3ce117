package dev.remora.session;

import dev.remora.affinity.AffinityKey;

/**
 * Sees what happens to shared sessions. Called on threads of the map: thread-safe, and it does not block. What it throws is
 * logged and changes nothing.
 */
public interface SessionListener {

    /**
     * A binding that was presumed while the store could not be asked has lost: another gateway was first. Streams stay
     * where they are, the next request follows the winner.
     *
     * @param key may be a secret of its client: not for logs
     */
    default void bindingLost(AffinityKey key, Binding presumed, Binding winner) {}

    /** A store, or one master of it, can be asked from now on, or cannot. Told once for each change. */
    default void reachabilityChanged(String store, boolean reachable) {}
}
