package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/**
 * Maglev hashing (Eisenbud et al., NSDI 2016): a table of 65,537 slots which the members fill in turn, so that shares
 * follow the weights almost exactly. A key whose owner cannot serve goes to the others by rendezvous hashing.
 */
record Maglev(Strategy withoutKey) implements Strategy {

    @Override
    public Picker picker(Snapshot snapshot) {
        return picker(new Contenders(snapshot), withoutKey.picker(snapshot));
    }

    @Override
    public Picker updated(Picker before, Snapshot snapshot) {
        Picker unkeyed = KeyedPicker.withoutKey(withoutKey, before, snapshot);
        Contenders contenders = new Contenders(snapshot);
        return before instanceof ByTable old && old.contenders.sameAs(contenders)
                ? new ByTable(old.table, old.contenders, unkeyed)
                : picker(contenders, unkeyed);
    }

    private static Picker picker(Contenders contenders, Picker unkeyed) {
        return contenders.size() == 0
                ? new EmptyPool(unkeyed)
                : new ByTable(new MaglevTable(contenders), contenders, unkeyed);
    }

    private record ByTable(MaglevTable table, Contenders contenders, Picker withoutKey) implements KeyedPicker {

        @Override
        public int pick(PickContext context) {
            if (!context.keyed()) {
                return withoutKey.pick(context);
            }
            long key = context.keyHash();
            int owner = table.owner(MaglevTable.slot(key));
            return context.eligible(owner) ? owner : contenders.first(key, context);
        }
    }
}
