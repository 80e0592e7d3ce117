package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/**
 * A way to choose among back ends. It makes a {@link Picker} for each membership of the pool, off the request threads.
 *
 * <p>An own strategy is one small class: {@code snapshot -> context -> index}. Implementations are thread-safe.
 */
@FunctionalInterface
public interface Strategy {

    /**
     * Makes the picker for one membership.
     *
     * @throws IllegalArgumentException if the members break a rule of the strategy, as
     *     {@code name: value (expected: rule)}
     */
    Picker picker(Snapshot snapshot);

    /**
     * Makes the picker for a membership that follows another one; the balancer calls it whenever members or weights have
     * changed. It picks as {@link #picker} does, and may be made faster from the picker before, or go on where that one
     * stopped.
     *
     * @param before a picker that this strategy made; it is still in use and is not changed
     */
    default Picker updated(Picker before, Snapshot snapshot) {
        return picker(snapshot);
    }

    /**
     * Back ends in turn, in proportion to their weights, whatever their load: the static stride scheduler that gRPC
     * uses for its weighted round robin. A change of the members does not begin the turns anew. A back end lighter than
     * a 65,535th of the heaviest one counts as that.
     */
    static Strategy roundRobin() {
        return new WeightedRoundRobin.InTurn();
    }

    /**
     * Of two distinct back ends drawn at random in proportion to their weights, the one with less load per weight: the
     * power of two choices (Mitzenmacher, 2001) over the cost of open streams. The default for requests without a key.
     */
    static Strategy powerOfTwoChoices() {
        return powerOfChoices(2);
    }

    /**
     * As {@link #powerOfTwoChoices()} with more draws, all of them distinct: each further one costs about as much as the
     * first two, and evens the load out a little more.
     *
     * @param choices 2 to 4
     * @throws IllegalArgumentException if there are fewer or more choices
     */
    static Strategy powerOfChoices(int choices) {
        if (choices < 2 || choices > PowerOfChoices.MOST_CHOICES) {
            throw new IllegalArgumentException("choices: " + choices + " (expected: 2 to 4)");
        }
        return snapshot -> new PowerOfChoices(snapshot, choices);
    }

    /** Back ends at random, in proportion to their weights, whatever their load. */
    static Strategy random() {
        return WeightedRandom::new;
    }

    /**
     * The back end with the least load per weight; those that are equal share by weight at random. Exact for up to 64
     * back ends, which each pick looks at one by one. Above that, the best of four distinct ones drawn at random, as
     * {@link #powerOfChoices powerOfChoices(4)}: many gateways that all send to the one least loaded back end would
     * flood it.
     */
    static Strategy leastConnections() {
        return LeastConnections::of;
    }

    /**
     * Weighted rendezvous hashing (Thaler and Ravishankar, 1998) of the request's affinity key: every gateway that
     * knows the same members makes the same choice, and a member that leaves moves its own keys only. Requests without
     * a key are balanced by {@link #powerOfTwoChoices()}.
     */
    static Strategy rendezvousHash() {
        return rendezvousHash(powerOfTwoChoices());
    }

    /**
     * As {@link #rendezvousHash()}, with the strategy that serves requests without a key.
     *
     * @param withoutKey serves the requests for which the affinity rule yields no key
     */
    static Strategy rendezvousHash(Strategy withoutKey) {
        return new RendezvousHash(withoutKey);
    }

    /**
     * Consistent hashing of the request's affinity key: the choice of {@link #rendezvousHash()} made beforehand for a
     * table of slots, so that a pick is one look into the table. The methods of the result change its settings.
     */
    static ConsistentHash consistentHash() {
        return ConsistentHash.DEFAULT;
    }
}
