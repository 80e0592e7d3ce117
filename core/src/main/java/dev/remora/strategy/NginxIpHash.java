package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/**
 * nginx's {@code ip_hash}: a chain of numbers from the client's network, of which the first one that names a usable member
 * decides, if it is among the first 21.
 */
final class NginxIpHash implements Picker {

    private static final int SEED = 89;
    private static final int FACTOR = 113;
    private static final int MODULUS = 6271;

    private final WeightLine line;

    NginxIpHash(Snapshot snapshot) {
        this.line = new WeightLine(snapshot);
    }

    @Override
    public int pick(PickContext context) {
        if (!line.choice()) {
            return NONE;
        }
        byte[] address = context.clientAddress().getAddress();
        int network = address.length == 4 ? 3 : address.length;
        int hash = SEED;
        for (int tries = 0; tries < WeightLine.TRIES; tries++) {
            for (int i = 0; i < network; i++) {
                hash = (hash * FACTOR + (address[i] & 0xff)) % MODULUS;
            }
            int index = line.memberAt(hash);
            if (context.eligible(index)) {
                return index;
            }
        }
        return NONE;
    }
}
