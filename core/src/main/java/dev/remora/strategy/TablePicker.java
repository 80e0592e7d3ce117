package dev.remora.strategy;

/** A picker over a slot table, from which the next one can be made. */
sealed interface TablePicker extends KeyedPicker permits SlotPicker, BoundedLoad {

    SlotTable table();
}
