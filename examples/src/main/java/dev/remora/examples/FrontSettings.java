package dev.remora.examples;

import dev.remora.http.Timeouts;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a server is told of clients and back ends, whatever kind it is. Immutable.
 *
 * @param host where it listens
 * @param port likewise; 0 is any free one
 * @param tls what it shows to clients, if it speaks TLS with them
 * @param preserveHost whether back ends see the client's Host header
 * @param backendCa PEM certificates of the authorities that are trusted for https back ends, instead of the platform's
 * @param maxBodyBytes of a request, if there is a cap
 */
record FrontSettings(
        String host,
        int port,
        Optional<Tls> tls,
        boolean preserveHost,
        Optional<Path> backendCa,
        Optional<Long> maxBodyBytes,
        Timeouts timeouts) {

    /** A certificate and its key, both PEM files. */
    record Tls(Path certificate, Path key) {}

    /** On any free port of this machine, the rest as usual. */
    static FrontSettings anyPort() {
        return new FrontSettings(
                "127.0.0.1", 0, Optional.empty(), true, Optional.empty(), Optional.empty(), Timeouts.defaults());
    }
}
