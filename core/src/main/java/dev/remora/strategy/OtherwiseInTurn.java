package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/** A proxy's hash, and its round robin for the requests that the hash does not decide. */
record OtherwiseInTurn(Strategy hash, Strategy turns) implements Strategy {

    OtherwiseInTurn(Strategy hash) {
        this(hash, Strategy.roundRobin());
    }

    @Override
    public Picker picker(Snapshot snapshot) {
        return new Both(hash.picker(snapshot), turns.picker(snapshot));
    }

    @Override
    public Picker updated(Picker before, Snapshot snapshot) {
        if (before instanceof Both last) {
            return new Both(hash.updated(last.hash, snapshot), turns.updated(last.turns, snapshot));
        }
        return picker(snapshot);
    }

    private record Both(Picker hash, Picker turns) implements Picker {

        @Override
        public int pick(PickContext context) {
            int decided = hash.pick(context);
            return decided == NONE ? turns.pick(context) : decided;
        }
    }
}
