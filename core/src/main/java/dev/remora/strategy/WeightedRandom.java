package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/** One draw by weight, whatever the load. */
final class WeightedRandom implements Picker {

    private final Draws draws;
    private final boolean empty;

    WeightedRandom(Snapshot snapshot) {
        this.draws = new Draws(snapshot, Weights.of(snapshot));
        this.empty = snapshot.size() == 0;
    }

    @Override
    public int pick(PickContext context) {
        return empty ? NONE : draws.eligible(context);
    }
}
