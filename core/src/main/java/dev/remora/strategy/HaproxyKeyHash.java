package dev.remora.strategy;

/** HAProxy's consistent hashing of a text that the request holds; an empty one decides nothing. */
record HaproxyKeyHash(HaproxyRing ring) implements Picker {

    @Override
    public int pick(PickContext context) {
        String key = context.key();
        return key.isEmpty() ? NONE : ring.closest(HaproxyRing.avalanche(ByteHash.SDBM.of(key)), context);
    }
}
