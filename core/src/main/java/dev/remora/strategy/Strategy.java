package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/**
 * A way to choose among back ends. It makes a {@link Picker} for each membership of the pool, off the request threads.
 *
 * <p>An own strategy is one small class: {@code snapshot -> context -> index}. Implementations are thread-safe.
 */
@FunctionalInterface
public interface Strategy {

    /** Makes the picker for one membership. The balancer calls it again whenever members or weights have changed. */
    Picker picker(Snapshot snapshot);

    /**
     * Back ends in turn, in proportion to their weights, whatever their load: the static stride scheduler that gRPC
     * uses for its weighted round robin.
     */
    static Strategy roundRobin() {
        return WeightedRoundRobin::new;
    }

    /**
     * Of two distinct back ends drawn at random in proportion to their weights, the one with less load per weight: the
     * power of two choices (Mitzenmacher, 2001) over open streams. The default for requests without a key.
     */
    static Strategy leastStreams() {
        return TwoChoices::new;
    }

    /**
     * Weighted rendezvous hashing (Thaler and Ravishankar, 1998) of the request's affinity key: every gateway that
     * knows the same members makes the same choice, and a member that leaves moves its own keys only. Requests without
     * a key are balanced by {@link #leastStreams()}.
     */
    static Strategy rendezvousHash() {
        return rendezvousHash(leastStreams());
    }

    /**
     * As {@link #rendezvousHash()}, with the strategy that serves requests without a key.
     *
     * @param withoutKey serves the requests for which the affinity rule yields no key
     */
    static Strategy rendezvousHash(Strategy withoutKey) {
        return snapshot -> new RendezvousHash(snapshot, withoutKey.picker(snapshot));
    }
}
