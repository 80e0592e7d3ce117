package dev.remora.netty;

import dev.remora.exchange.FailureKind;
import dev.remora.http.Problem;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.Optional;

/** The gateway's own answers. */
final class Problems {

    private Problems() {}

    /** An answer that says what went wrong. */
    static FullHttpResponse response(Problem problem, HttpClock clock) {
        byte[] json = problem.json();
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(problem.status()), Unpooled.wrappedBuffer(json));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .set(HttpHeaderNames.CONTENT_LENGTH, json.length)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set(HttpHeaderNames.DATE, clock.date());
        problem.retryAfterSeconds().ifPresent(seconds -> response.headers().set(HttpHeaderNames.RETRY_AFTER, seconds));
        return response;
    }

    /** An answer after which the connection is closed. */
    static FullHttpResponse lastResponse(Problem problem, HttpClock clock) {
        FullHttpResponse response = response(problem, clock);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return response;
    }

    /** What the client is told when no back end could serve. */
    static Problem of(FailureKind kind) {
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

    static Problem internalError() {
        return Problem.of(500, "Internal error", "The gateway failed; its log says why.");
    }

    static Problem requestTimeout() {
        return Problem.of(408, "Request timeout", "The request did not arrive in time.");
    }

    static Problem unavailable(Duration retryAfter) {
        return new Problem(503, "Service unavailable", "This gateway is ending its streams.", Optional.of(retryAfter));
    }
}
