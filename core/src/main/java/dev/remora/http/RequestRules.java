package dev.remora.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a request must be before a gateway acts on it, however lenient the one was who parsed it: above all it must not be
 * framed in a way that two hops understand differently. Stateless.
 */
public final class RequestRules {

    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");
    // Some servers see no difference between "-" and "_".
    private static final Set<String> FRAMING = Set.of("content-length", "transfer-encoding", "host");
    private static final int MAX_LENGTH_DIGITS = 18;

    private RequestRules() {}

    /**
     * Judges the head of a request, except its target: {@link RequestTarget} does that.
     *
     * @param http10 whether it came as HTTP/1.0, which knows neither transfer codings nor expectations
     * @param hostNeeded whether a Host header must be there
     * @param maxBodyBytes the longest body that it may announce
     * @throws Rejection if it breaks a rule
     */
    public static void check(String method, Headers headers, boolean http10, boolean hostNeeded, long maxBodyBytes) {
        if (method.isEmpty() || !method.chars().allMatch(Characters::isToken)) {
            throw Rejection.badRequest("The method must be a token.");
        }
        if (method.equals("CONNECT")) {
            throw Rejection.of(501, "Not implemented", "This gateway is not a forward proxy.");
        }
        checkFraming(headers, http10, maxBodyBytes);
        checkHosts(headers.values("host"), hostNeeded);
        if (!http10 && !headers.values("expect").stream().allMatch("100-continue"::equalsIgnoreCase)) {
            throw Rejection.of(417, "Expectation failed", "The only expectation known here is: 100-continue.");
        }
        if (MaxForwards.isReached(method, headers)) {
            throw Rejection.of(501, "Not implemented", "This gateway does not answer OPTIONS and TRACE itself.");
        }
    }

    private static void checkFraming(Headers headers, boolean http10, long maxBodyBytes) {
        List<String> codings = headers.values("transfer-encoding");
        List<String> lengths = headers.values("content-length");
        if (!codings.isEmpty()) {
            if (!lengths.isEmpty()) {
                throw Rejection.badRequest("Content-Length and Transfer-Encoding must not come together.");
            }
            if (http10) {
                throw Rejection.badRequest("HTTP/1.0 has no Transfer-Encoding.");
            }
            if (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
                throw Rejection.of(501, "Not implemented", "The only transfer coding known here is: chunked.");
            }
        }
        if (lengths.size() > 1 || !lengths.stream().allMatch(RequestRules::isLength)) {
            throw Rejection.badRequest("Content-Length must be one number.");
        }
        if (!lengths.isEmpty() && Long.parseLong(lengths.get(0)) > maxBodyBytes) {
            throw bodyTooLarge(maxBodyBytes);
        }
        for (String name : headers.names()) {
            if (name.indexOf('_') >= 0
                    && FRAMING.contains(name.replace('_', '-').toLowerCase(Locale.ROOT))) {
                throw Rejection.badRequest("A header is named so that some take it for one that frames the message.");
            }
        }
    }

    /** Whether a request may be done twice, by its method (RFC 9110, section 9.2.2). */
    public static boolean isIdempotent(String method) {
        return IDEMPOTENT.contains(method);
    }

    /** The body of a request is longer than it may be. */
    public static Rejection bodyTooLarge(long maxBodyBytes) {
        return Rejection.of(413, "Content too large", "A body may have " + maxBodyBytes + " bytes.");
    }

    /** The body of a request is not what its framing says, or ends before its end. */
    public static Rejection bodyBroken() {
        return Rejection.badRequest("The body cannot be read to its end.");
    }

    static boolean isLength(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_LENGTH_DIGITS
                && text.chars().allMatch(Characters::isDigit);
    }

    private static void checkHosts(List<String> hosts, boolean needed) {
        if (hosts.size() > 1 || (needed && hosts.isEmpty())) {
            throw Rejection.badRequest("Exactly one Host header is needed.");
        }
        if (!hosts.isEmpty() && !Authority.isValid(hosts.get(0))) {
            throw Rejection.badRequest("The Host header must be: host, or host:port.");
        }
    }
}
