package dev.remora.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** A block of addresses: those that share their first bits. */
record AddressBlock(InetAddress first, int bits) {

    // What may be handed to InetAddress without it asking a name server: four octets, or anything with a colon that
    // begins as an IPv6 literal does.
    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");

    static AddressBlock parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        InetAddress first = literal(address).orElseThrow(() -> wrong(text));
        int width = first.getAddress().length * 8;
        int bits = slash < 0 ? width : bits(text, slash);
        if (bits < 0 || bits > width) {
            throw wrong(text);
        }
        return new AddressBlock(first, bits);
    }

    /** The address that a literal stands for; nothing when the text is not one. Never asks a name server. */
    static Optional<InetAddress> literal(String text) {
        if (text.length() > 45
                || !(IPV4.matcher(text).matches() || IPV6.matcher(text).matches())) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
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
