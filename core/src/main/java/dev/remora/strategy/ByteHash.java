package dev.remora.strategy;

/**
 * A 32-bit hash that takes one byte after another, of the kinds that proxies use. A text is taken as its UTF-8 bytes,
 * without making them: half a surrogate pair counts as a question mark, as in {@link String#getBytes}.
 */
enum ByteHash {

    /** CRC-32 as in zlib and {@link java.util.zip.CRC32}: nginx's. */
    CRC32(-1) {
        @Override
        int add(int state, int octet) {
            return CrcTable.REMAINDERS[(state ^ octet) & 0xff] ^ (state >>> 8);
        }

        @Override
        int end(int state) {
            return ~state;
        }
    },

    /** The hash of the sdbm database library: HAProxy's default. */
    SDBM(0) {
        @Override
        int add(int state, int octet) {
            return octet + (state << 6) + (state << 16) - state;
        }

        @Override
        int end(int state) {
            return state;
        }
    };

    private final int start;

    ByteHash(int start) {
        this.start = start;
    }

    /** The state after no byte. */
    final int start() {
        return start;
    }

    /** The state after one more byte, 0 to 255. */
    abstract int add(int state, int octet);

    /** The hash of all bytes up to a state. */
    abstract int end(int state);

    /** The hash of a text. */
    final int of(String text) {
        return end(add(start, text));
    }

    /** The state after the UTF-8 bytes of a text. */
    final int add(int state, String text) {
        int next = state;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit < 0x80) {
                next = add(next, unit);
            } else if (Character.isSurrogate(unit)) {
                int codePoint = text.codePointAt(i);
                boolean pair = Character.isSupplementaryCodePoint(codePoint);
                next = pair ? addSupplementary(next, codePoint) : add(next, '?');
                i += pair ? 1 : 0;
            } else {
                next = addBasic(next, unit);
            }
        }
        return next;
    }

    /** The state after the decimal digits of a number that is not negative. */
    final int addDecimal(int state, int number) {
        int leading = number < 10 ? state : addDecimal(state, number / 10);
        return add(leading, '0' + number % 10);
    }

    /** The state after the four bytes of a word, the lowest one first. */
    final int addLittleEndian(int state, int word) {
        int next = state;
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            next = add(next, (word >>> shift) & 0xff);
        }
        return next;
    }

    private int addBasic(int state, char unit) {
        if (unit < 0x800) {
            return addTrailing(add(state, 0xc0 | (unit >> 6)), unit);
        }
        return addTrailing(addTrailing(add(state, 0xe0 | (unit >> 12)), unit >> 6), unit);
    }

    private int addSupplementary(int state, int codePoint) {
        int lead = addTrailing(add(state, 0xf0 | (codePoint >> 18)), codePoint >> 12);
        return addTrailing(addTrailing(lead, codePoint >> 6), codePoint);
    }

    private int addTrailing(int state, int bits) {
        return add(state, 0x80 | (bits & 0x3f));
    }

    private static final class CrcTable {

        private static final int POLYNOMIAL = 0xedb88320;
        static final int[] REMAINDERS = new int[256];

        static {
            for (int octet = 0; octet < REMAINDERS.length; octet++) {
                int remainder = octet;
                for (int bit = 0; bit < Byte.SIZE; bit++) {
                    remainder = (remainder >>> 1) ^ (POLYNOMIAL & -(remainder & 1));
                }
                REMAINDERS[octet] = remainder;
            }
        }
    }
}
