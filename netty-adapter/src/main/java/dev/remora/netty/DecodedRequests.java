package dev.remora.netty;

import dev.remora.http.Rejection;
import dev.remora.http.RequestRules;
import dev.remora.http.RequestTarget;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/**
 * What a decoded request must be before anybody acts on it. These rules hold for every pipeline, also for one with a
 * lenient codec.
 */
final class DecodedRequests {

    private DecodedRequests() {}

    /**
     * Judges a request and brings its target into origin form.
     *
     * @throws Rejection if it breaks a rule
     */
    static void apply(HttpRequest request, Limits limits) {
        checkDecoded(request.decoderResult());
        checkVersion(request.protocolVersion());
        // Netty takes eight bytes behind such a request for its body, though nothing announces one.
        if (request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY1)) {
            throw Rejection.badRequest("This draft of WebSocket is obsolete.");
        }
        boolean http10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        String method = request.method().name();
        RequestRules.check(method, new NettyHeaders(request.headers()), http10, !http10, limits.maxRequestBodyBytes());
        RequestTarget target = RequestTarget.of(method, request.uri());
        request.setUri(target.origin());
        target.authority().ifPresent(host -> request.headers().set(HttpHeaderNames.HOST, host));
        if (http10) {
            request.headers().remove(HttpHeaderNames.EXPECT);
        }
    }

    /** The rejection that a failed decoding stands for. */
    static Rejection rejection(Throwable cause) {
        if (cause instanceof Rejection rejection) {
            return rejection;
        } else if (cause instanceof TooLongHttpLineException) {
            return Rejection.of(414, "URI too long", "The first line is too long.");
        } else if (cause instanceof TooLongHttpHeaderException || cause instanceof TooLongFrameException) {
            return Rejection.of(431, "Request header fields too large", "All headers together are too long.");
        }
        return Rejection.badRequest("The request is malformed.");
    }

    /** The rejection that a body's failed decoding stands for. */
    static Rejection bodyRejection(Throwable cause) {
        return cause instanceof TooLongHttpLineException
                ? Rejection.badRequest("The line in front of a chunk is too long.")
                : rejection(cause);
    }

    private static void checkDecoded(DecoderResult result) {
        if (result.isFailure()) {
            throw rejection(result.cause());
        }
    }

    private static void checkVersion(HttpVersion version) {
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            throw Rejection.of(505, "HTTP version not supported", "Speak HTTP/1.1.");
        }
    }
}
