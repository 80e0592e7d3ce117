package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/** A picker that goes by the key, and leaves requests without one to another picker. */
interface KeyedPicker extends Picker {

    /** Serves the requests without a key. */
    Picker withoutKey();

    /** The picker for the requests without a key, as it goes on in the next snapshot. */
    static Picker withoutKey(Strategy strategy, Picker before, Snapshot snapshot) {
        return before instanceof KeyedPicker keyed
                ? strategy.updated(keyed.withoutKey(), snapshot)
                : strategy.picker(snapshot);
    }

    @Override
    default boolean keeps(PickContext context, int index) {
        return context.keyed() || withoutKey().keeps(context, index);
    }
}
