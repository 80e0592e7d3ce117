package dev.remora.strategy;

/** Nobody can serve, with a key or without one. */
record EmptyPool(Picker withoutKey) implements KeyedPicker {

    @Override
    public int pick(PickContext context) {
        return NONE;
    }
}
