package dev.remora.affinity;

import dev.remora.pool.BackendId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The value of Envoy's cookie: in base64 a protobuf message {@code {1: address, 2: the second at which it expires}}, or, as
 * older versions wrote it, the address alone.
 */
final class EnvoyValue {

    // Less than this is no time of day: it was read from a clock that began with the machine.
    private static final long LEAST_DATE = 1_000_000_000;

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private final byte[] message;
    private int at;
    private boolean broken;
    private String address = "";
    private long expires;

    private EnvoyValue(byte[] message) {
        this.message = message;
    }

    static Optional<BackendId> read(MemberNames names, String text, int from, int to, long now) {
        byte[] decoded;
        try {
            decoded = Base64.getDecoder().decode(text.substring(from, to));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        EnvoyValue value = new EnvoyValue(decoded);
        value.parse();
        String address = value.broken || value.address.isEmpty()
                ? new String(decoded, StandardCharsets.ISO_8859_1)
                : value.address;
        boolean expired = !value.broken && value.expires >= LEAST_DATE && now > value.expires;
        return expired ? Optional.empty() : names.find(address, 0, address.length());
    }

    private void parse() {
        while (at < message.length && !broken) {
            long tag = varint();
            int wire = (int) (tag & 7);
            long field = tag >>> 3;
            switch (wire) {
                case VARINT -> {
                    long number = varint();
                    expires = field == 2 ? number : expires;
                }
                case BYTES -> {
                    long length = varint();
                    int start = at;
                    skip(length);
                    if (field == 1 && !broken) {
                        address = new String(message, start, (int) length, StandardCharsets.ISO_8859_1);
                    }
                }
                case FIXED_64 -> skip(Long.BYTES);
                case FIXED_32 -> skip(Integer.BYTES);
                default -> broken = true;
            }
        }
    }

    private long varint() {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at >= message.length) {
                break;
            }
            byte next = message[at++];
            number |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return number;
            }
        }
        broken = true;
        return 0;
    }

    private void skip(long count) {
        if (count < 0 || count > message.length - at) {
            broken = true;
        } else {
            at += (int) count;
        }
    }
}
