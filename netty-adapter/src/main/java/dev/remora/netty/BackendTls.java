package dev.remora.netty;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Whom to trust as an {@code https} back end.
 *
 * @param authorities a file with PEM certificates; the platform's own when there is none
 */
record BackendTls(Optional<Path> authorities) {

    static BackendTls platform() {
        return new BackendTls(Optional.empty());
    }

    static BackendTls trusting(Path authorities) {
        return new BackendTls(Optional.of(authorities));
    }

    SslContext build() {
        SslContextBuilder builder =
                SslContextBuilder.forClient().sslProvider(SslProvider.JDK).endpointIdentificationAlgorithm("HTTPS");
        try {
            authorities.ifPresent(file -> builder.trustManager(file.toFile()));
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "backendTls: " + authorities.map(Path::toString).orElse("platform trust store")
                            + " (expected: a readable file with PEM certificates)",
                    e);
        }
    }
}
