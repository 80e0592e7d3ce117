package dev.remora.netty;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a decoded request must be before anybody acts on it. These rules hold for every pipeline, also for one with a
 * lenient codec.
 */
final class RequestRules {

    // Some servers see no difference between "-" and "_".
    private static final Set<String> FRAMING = Set.of("content-length", "transfer-encoding", "host");

    private RequestRules() {}

    /**
     * Judges a request and brings its target into origin form.
     *
     * @throws Rejection if it breaks a rule
     */
    static void apply(HttpRequest request, Limits limits) {
        checkDecoded(request.decoderResult());
        checkStart(request);
        checkFraming(request, limits);
        checkHosts(request);
        Targets.apply(request);
        checkExpectation(request);
        if (MaxForwards.isReached(request)) {
            throw Rejection.of(501, "Not implemented", "This gateway does not answer OPTIONS and TRACE itself.");
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

    private static void checkStart(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            throw Rejection.of(505, "HTTP version not supported", "Speak HTTP/1.1.");
        }
        if (!request.method().name().chars().allMatch(Characters::isToken)) {
            throw Rejection.badRequest("The method must be a token.");
        }
        if (request.method().equals(HttpMethod.CONNECT)) {
            throw Rejection.of(501, "Not implemented", "This gateway is not a forward proxy.");
        }
    }

    private static void checkFraming(HttpRequest request, Limits limits) {
        HttpHeaders headers = request.headers();
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (!codings.isEmpty()) {
            if (!lengths.isEmpty()) {
                throw Rejection.badRequest("Content-Length and Transfer-Encoding must not come together.");
            }
            if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
                throw Rejection.badRequest("HTTP/1.0 has no Transfer-Encoding.");
            }
            if (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
                throw Rejection.of(501, "Not implemented", "The only transfer coding known here is: chunked.");
            }
        }
        if (lengths.size() > 1 || !lengths.stream().allMatch(RequestRules::isLength)) {
            throw Rejection.badRequest("Content-Length must be one number.");
        }
        if (Bodies.length(headers) > limits.maxRequestBodyBytes()) {
            throw bodyTooLarge(limits);
        }
        for (String name : headers.names()) {
            if (name.indexOf('_') >= 0
                    && FRAMING.contains(name.replace('_', '-').toLowerCase(Locale.ROOT))) {
                throw Rejection.badRequest("A header is named so that some take it for one that frames the message.");
            }
        }
        // Netty takes eight bytes behind such a request for its body, though nothing announces one.
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY1)) {
            throw Rejection.badRequest("This draft of WebSocket is obsolete.");
        }
    }

    static Rejection bodyTooLarge(Limits limits) {
        return Rejection.of(413, "Content too large", "A body may have " + limits.maxRequestBodyBytes() + " bytes.");
    }

    private static boolean isLength(String text) {
        return !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(Characters::isDigit);
    }

    private static void checkHosts(HttpRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        boolean required = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (hosts.size() > 1 || (required && hosts.isEmpty())) {
            throw Rejection.badRequest("Exactly one Host header is needed.");
        }
        if (!hosts.isEmpty() && !Authority.isValid(hosts.get(0))) {
            throw Rejection.badRequest("The Host header must be: host, or host:port.");
        }
    }

    private static void checkExpectation(HttpRequest request) {
        List<String> expectations = request.headers().getAll(HttpHeaderNames.EXPECT);
        if (request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            request.headers().remove(HttpHeaderNames.EXPECT);
        } else if (!expectations.stream().allMatch("100-continue"::equalsIgnoreCase)) {
            throw Rejection.of(417, "Expectation failed", "The only expectation known here is: 100-continue.");
        }
    }
}
