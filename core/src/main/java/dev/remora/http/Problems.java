package dev.remora.http;

import dev.remora.exchange.FailureKind;
import java.time.Duration;
import java.util.Optional;

/** What a gateway itself tells a client when a request came to nothing. Stateless. */
public final class Problems {

    private Problems() {}

    /** What the client is told when no back end could serve. */
    public static Problem of(FailureKind kind) {
        return switch (kind) {
            case SATURATED -> new Problem(503, "All back ends are busy", "", Optional.of(Duration.ofSeconds(1)));
            case CONNECT -> badGateway("No back end could be reached.");
            case FIRST_BYTE_TIMEOUT, STREAM_IDLE ->
                Problem.of(504, "Gateway timeout", "The back end did not answer in time.");
            case NO_RESPONSE, TRUNCATED -> badGateway("The back end closed the connection without an answer.");
            case PROTOCOL -> badGateway("The back end's answer is not valid HTTP.");
        };
    }

    private static Problem badGateway(String detail) {
        return Problem.of(502, "Bad gateway", detail);
    }

    /** The gateway itself has failed. */
    public static Problem internalError() {
        return Problem.of(500, "Internal error", "The gateway failed; its log says why.");
    }

    /** The client did not send in time. */
    public static Problem requestTimeout() {
        return Problem.of(408, "Request timeout", "The request did not arrive in time.");
    }

    /** The gateway ends, and the request with it. */
    public static Problem unavailable(Duration retryAfter) {
        return new Problem(503, "Service unavailable", "This gateway is ending its streams.", Optional.of(retryAfter));
    }
}
