package dev.remora.examples;

import dev.remora.http.Timeouts;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How long the gateway waits for what. Nothing limits the total duration of a stream. */
final class TimeoutFlags {

    @Option(
            names = "--request-body-idle-timeout",
            paramLabel = "TIME",
            description = "Between two pieces of a request's body (default: 60s).")
    private Optional<Duration> requestBodyIdle = Optional.empty();

    @Option(
            names = "--client-idle-timeout",
            paramLabel = "TIME",
            description = "Between two requests of a connection (default: 75s).")
    private Optional<Duration> clientIdle = Optional.empty();

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            description = "The connection to a back end, TLS included (default: 5s).")
    private Optional<Duration> connect = Optional.empty();

    @Option(
            names = "--first-byte-timeout",
            paramLabel = "TIME",
            description = "The head of a back end's answer (default: 5m).")
    private Optional<Duration> firstByte = Optional.empty();

    @Option(
            names = "--stream-idle-timeout",
            paramLabel = "TIME",
            description = "A stream on which nothing flows in either direction (default: 1h).")
    private Optional<Duration> streamIdle = Optional.empty();

    Timeouts timeouts() {
        Timeouts usual = Timeouts.defaults();
        return new Timeouts(
                usual.requestHead(),
                requestBodyIdle.orElse(usual.requestBodyIdle()),
                clientIdle.orElse(usual.clientIdle()),
                connect.orElse(usual.connect()),
                firstByte.orElse(usual.firstByte()),
                streamIdle.orElse(usual.streamIdle()));
    }
}
