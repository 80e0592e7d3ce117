package dev.remora.exchange;

import java.net.InetAddress;
import java.util.Objects;

/**
 * Where a request really comes from, after trusted proxies have been looked through.
 *
 * @param address the client's address
 * @param secure whether the client speaks TLS to us or to the outermost trusted proxy
 */
public record ClientOrigin(InetAddress address, boolean secure) {
    /** Creates an origin. */
    public ClientOrigin {
        Objects.requireNonNull(address, "address");
    }
}
