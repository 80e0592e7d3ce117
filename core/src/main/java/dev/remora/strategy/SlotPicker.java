package dev.remora.strategy;

/** Looks the key up in a slot table; a slot whose owner cannot serve falls to the slot's next candidate. */
record SlotPicker(SlotTable table, Picker withoutKey) implements TablePicker {

    @Override
    public int pick(PickContext context) {
        if (!context.keyed()) {
            return withoutKey.pick(context);
        }
        int slot = table.slot(context.keyHash());
        int owner = table.owner(slot);
        return context.eligible(owner) ? owner : table.first(slot, context);
    }
}
