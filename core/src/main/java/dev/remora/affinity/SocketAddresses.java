package dev.remora.affinity;

import dev.remora.http.AddressLiteral;
import dev.remora.pool.Backend;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Addresses as other proxies print them: {@code 10.0.0.1:80}, {@code [::1]:80}. No name is ever looked up. Stateless. */
final class SocketAddresses {

    private static final byte[] MAPPED = {-1, -1};
    private static final int GROUPS = 8; // of two bytes, in an IPv6 address

    private SocketAddresses() {}

    /** Of a back end that is known by its address; nothing for one that is known by a host name. */
    static Optional<String> of(Backend backend) {
        return addressBytes(backend.host()).map(address -> text(printed(address), backend.port()));
    }

    static String text(String host, int port) {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }

    /** The 4 or 16 bytes of the address, and 4 of the port, the highest first; nothing when the text is no address. */
    static Optional<byte[]> bytes(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        Optional<byte[]> address = addressBytes(bracketed ? host.substring(1, host.length() - 1) : host);
        int port;
        try {
            port = Integer.parseInt(text, colon + 1, text.length(), 10);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
        return address.map(bytes -> ByteBuffer.allocate(bytes.length + Integer.BYTES)
                .put(bytes)
                .putInt(port)
                .array());
    }

    // An IPv4 address in the form of an IPv6 address is one of 16 bytes to other proxies, and of 4 to the platform.
    private static Optional<byte[]> addressBytes(String host) {
        return AddressLiteral.parse(host).map(InetAddress::getAddress).map(bytes -> {
            boolean mapped = bytes.length == 4 && host.indexOf(':') >= 0;
            return mapped
                    ? ByteBuffer.allocate(16).put(10, MAPPED).put(12, bytes).array()
                    : bytes;
        });
    }

    // As inet_ntop does (RFC 5952): the first of the longest runs of zeros is left out, unless it is a single one.
    private static String printed(byte[] address) {
        if (address.length == 4 || isMapped(address)) {
            int at = address.length - 4;
            String octets = IntStream.range(at, address.length)
                    .mapToObj(i -> Integer.toString(address[i] & 0xff))
                    .collect(Collectors.joining("."));
            return at == 0 ? octets : "::ffff:" + octets;
        }
        int gap = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int length = zeros(address, i);
            if (length > gapLength) {
                gap = i;
                gapLength = length;
            }
        }
        return gap < 0
                ? groups(address, 0, GROUPS)
                : groups(address, 0, gap) + "::" + groups(address, gap + gapLength, GROUPS);
    }

    private static boolean isMapped(byte[] address) {
        return zeros(address, 0) == 5 && group(address, 5) == 0xffff;
    }

    private static int zeros(byte[] address, int from) {
        int to = from;
        while (to < GROUPS && group(address, to) == 0) {
            to++;
        }
        return to - from;
    }

    private static String groups(byte[] address, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> Integer.toHexString(group(address, i)))
                .collect(Collectors.joining(":"));
    }

    private static int group(byte[] address, int index) {
        return (address[2 * index] & 0xff) << 8 | (address[2 * index + 1] & 0xff);
    }
}
