package dev.remora.strategy;

import dev.remora.pool.Snapshot;

/**
 * nginx's {@code hash} without {@code consistent}: 15 bits of the key's CRC decide. While they name an unusable member, the
 * number of the try is put before the key, and the new bits are added to the old ones; no more than 21 times.
 */
final class NginxHash implements Picker {

    private final WeightLine line;

    NginxHash(Snapshot snapshot) {
        this.line = new WeightLine(snapshot);
    }

    @Override
    public int pick(PickContext context) {
        String key = context.key();
        if (key.isEmpty() || !line.choice()) {
            return NONE;
        }
        int sum = 0;
        for (int tries = 0; tries < WeightLine.TRIES; tries++) {
            sum += bits(key, tries);
            int index = line.memberAt(sum);
            if (context.eligible(index)) {
                return index;
            }
        }
        return NONE;
    }

    private static int bits(String key, int tries) {
        int start = ByteHash.CRC32.start();
        int prefix = tries == 0 ? start : ByteHash.CRC32.addDecimal(start, tries);
        return (ByteHash.CRC32.end(ByteHash.CRC32.add(prefix, key)) >>> 16) & 0x7fff;
    }
}
