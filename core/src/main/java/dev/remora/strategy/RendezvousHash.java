package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/**
 * Weighted rendezvous hashing: each member gets a cost from the key's hash and its own id, and the eligible member with
 * the least cost wins. Costs depend on nothing else, so every gateway agrees, and a member that goes moves its own keys
 * only. A pick looks at every member.
 */
record RendezvousHash(Strategy withoutKey) implements Strategy {

    @Override
    public Picker picker(Snapshot snapshot) {
        return new ByKey(new Contenders(snapshot), withoutKey.picker(snapshot));
    }

    @Override
    public Picker updated(Picker before, Snapshot snapshot) {
        return new ByKey(new Contenders(snapshot), KeyedPicker.withoutKey(withoutKey, before, snapshot));
    }

    private record ByKey(Contenders contenders, Picker withoutKey) implements KeyedPicker {

        @Override
        public int pick(PickContext context) {
            return context.keyed() ? contenders.first(context.keyHash(), context) : withoutKey.pick(context);
        }
    }
}
