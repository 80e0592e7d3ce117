package dev.remora.affinity;

import dev.remora.http.AddressLiteral;
import dev.remora.pool.Backend;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Addresses as other proxies print them: {@code 10.0.0.1:80}, {@code [::1]:80}. No name is ever looked up. Stateless. */
final class SocketAddresses {

    private SocketAddresses() {}

    /** Of a back end that is known by its address; nothing for one that is known by a host name. */
    static Optional<String> of(Backend backend) {
        String host = backend.host();
        return AddressLiteral.parse(host).map(address -> text(host, backend.port()));
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
        Optional<InetAddress> address = AddressLiteral.parse(bracketed ? host.substring(1, host.length() - 1) : host);
        int port;
        try {
            port = Integer.parseInt(text.substring(colon + 1));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
        return address.map(InetAddress::getAddress)
                .map(bytes -> ByteBuffer.allocate(bytes.length + Integer.BYTES)
                        .put(bytes)
                        .putInt(port)
                        .array());
    }
}
