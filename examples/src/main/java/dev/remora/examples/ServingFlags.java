package dev.remora.examples;

import dev.remora.LoadBalancerBuilder;
import dev.remora.guard.Guard;
import dev.remora.http.Timeouts;
import dev.remora.http.TrustedProxies;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where the gateway listens, whom it believes, and how much it takes. */
final class ServingFlags {

    private static final int MAX_PORT = 65_535;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Where to listen (default: 127.0.0.1; 0.0.0.0 is every address).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port, of the first gateway if there are several (default: 8080; 0: any free one).")
    private int port = 8080;

    @ArgGroup(exclusive = false)
    private @Nullable Tls tls;

    @Option(
            names = "--backend-ca",
            paramLabel = "FILE",
            description = "PEM certificates of the authorities to trust for https back ends (default: the platform's).")
    private Optional<Path> backendCa = Optional.empty();

    @Option(
            names = "--trusted-proxy",
            paramLabel = "CIDR",
            description = "A proxy in front of this gateway whose X-Forwarded headers are believed; may be repeated.")
    private List<String> trustedProxies = new ArrayList<>();

    @Option(
            names = "--rewrite-host",
            description = "Send back ends their own name as Host (default: what the client sent).")
    private boolean rewriteHost;

    @Option(
            names = "--max-open-streams",
            paramLabel = "N",
            description = "The most streams open at once through a gateway; more are refused with 503"
                    + " (default: no cap).")
    private Optional<Integer> maxOpenStreams = Optional.empty();

    @Option(names = "--max-body-bytes", paramLabel = "N", description = "The longest request body (default: no cap).")
    private Optional<Long> maxBodyBytes = Optional.empty();

    @Option(
            names = "--stop-grace",
            paramLabel = "TIME",
            description = "How long everybody is still served after Ctrl-C or SIGTERM, until those in front know that"
                    + " this gateway goes (default: 0s).")
    private Duration stopGrace = Duration.ZERO;

    @Option(
            names = "--stop-patience",
            paramLabel = "TIME",
            description = "... and how long open streams may finish then, while WebSockets get a close frame one after"
                    + " the other (default: 10s).")
    private Duration stopPatience = Duration.ofSeconds(10);

    /** The gateway's own certificate. */
    static final class Tls {
        @Option(
                names = "--tls-cert",
                required = true,
                paramLabel = "FILE",
                description = "Speak TLS: certificate, PEM.")
        private Path certificate = Path.of("");

        @Option(names = "--tls-key", required = true, paramLabel = "FILE", description = "... its key, PEM, PKCS #8.")
        private Path key = Path.of("");
    }

    /** Stops as the flags say; returns when all is over. */
    void stop(RunningGateways gateways) {
        gateways.stop(stopGrace, stopPatience);
    }

    /** @throws IllegalArgumentException when there are not as many ports */
    void requirePorts(int gateways) {
        int last = MAX_PORT - (gateways - 1);
        if (gateways > 1 && port > last) {
            throw new IllegalArgumentException(
                    "port: " + port + " (expected: 0 to " + last + ", with " + gateways + " gateways)");
        }
    }

    void applyTo(LoadBalancerBuilder builder) {
        builder.trustedProxies(TrustedProxies.of(trustedProxies.toArray(String[]::new)));
        maxOpenStreams.ifPresent(max -> builder.guard(Guard.openStreams(max)));
    }

    /** @param number of the gateway, from 0 */
    FrontSettings settings(int number, Timeouts timeouts) {
        return new FrontSettings(
                host,
                port == 0 ? 0 : port + number,
                Optional.ofNullable(tls).map(files -> new FrontSettings.Tls(files.certificate, files.key)),
                !rewriteHost,
                backendCa,
                maxBodyBytes,
                timeouts);
    }
}
