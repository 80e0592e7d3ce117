package dev.remora.strategy;

/** HAProxy's consistent hashing of the client's address, whose words of four bytes are laid over one another. */
record HaproxySourceHash(HaproxyRing ring) implements Picker {

    @Override
    public int pick(PickContext context) {
        byte[] address = context.clientAddress().getAddress();
        int words = 0;
        for (int i = 0; i < address.length; i++) {
            words ^= (address[i] & 0xff) << (Integer.SIZE - Byte.SIZE * (i % 4 + 1));
        }
        return ring.closest(HaproxyRing.avalanche(words), context);
    }
}
