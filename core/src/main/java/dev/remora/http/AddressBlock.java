package dev.remora.http;

import java.net.InetAddress;

/** A block of addresses: those that share their first bits. */
record AddressBlock(InetAddress first, int bits) {

    static AddressBlock parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        InetAddress first = AddressLiteral.parse(address).orElseThrow(() -> wrong(text));
        int width = first.getAddress().length * 8;
        int bits = slash < 0 ? width : bits(text, slash);
        if (bits < 0 || bits > width) {
            throw wrong(text);
        }
        return new AddressBlock(first, bits);
    }

    boolean contains(InetAddress address) {
        byte[] mine = first.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        int whole = bits / 8;
        for (int i = 0; i < whole; i++) {
            if (mine[i] != other[i]) {
                return false;
            }
        }
        int rest = bits % 8;
        return rest == 0 || ((mine[whole] ^ other[whole]) & 0xff) >>> (8 - rest) == 0;
    }

    private static int bits(String text, int slash) {
        try {
            return Integer.parseInt(text, slash + 1, text.length(), 10);
        } catch (NumberFormatException e) {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "trusted proxy: " + text + " (expected: an address or a block such as 10.0.0.0/8 or fd00::/8)");
    }
}
