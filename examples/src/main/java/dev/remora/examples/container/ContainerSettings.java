package dev.remora.examples.container;

import dev.remora.http.Timeouts;
import java.util.Optional;

/**
 * Where a container listens, and how much it takes. Immutable.
 *
 * @param host the local address or host name
 * @param port 0 to 65535; 0 means any free one
 * @param tls what it shows to clients, if it speaks TLS with them
 * @param timeouts of which a container heeds what it can: those of the requests' heads and bodies, and of idle clients
 * @param maxThreads the most threads that run requests, at least 1
 * @param maxHeaderBytes the most bytes of a request's line and headers together, at least 128
 */
public record ContainerSettings(
        String host, int port, Optional<ServerIdentity> tls, Timeouts timeouts, int maxThreads, int maxHeaderBytes) {

    /** How many connections wait to be accepted: all clients come back at once when a gateway has restarted. */
    static final int BACKLOG = 1024;

    private static final int MAX_PORT = 65_535;

    /** @throws IllegalArgumentException if a value is wrong */
    public ContainerSettings {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("host: \"\" (expected: an address or a host name)");
        }
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0 to " + MAX_PORT + ")");
        }
        atLeast("threads", maxThreads, 1);
        atLeast("maxHeaderBytes", maxHeaderBytes, 128);
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
