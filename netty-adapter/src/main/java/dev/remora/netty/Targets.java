package dev.remora.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;

/** The forms of a request target (RFC 9112, section 3.2). A gateway passes on the origin form and {@code *}. */
final class Targets {

    // Browsers leave some characters in a query that RFC 3986 does not know: those pass. These would mislead somebody.
    private static final String NEVER = "\"<>#";

    private Targets() {}

    /**
     * Brings a target into origin form; the authority of an absolute one replaces the Host header.
     *
     * @throws Rejection if the target is none that a gateway may serve
     */
    static void apply(HttpRequest request) {
        String target = request.uri();
        if (target.equals("*")) {
            if (!request.method().equals(HttpMethod.OPTIONS)) {
                throw Rejection.badRequest("The target * belongs to OPTIONS.");
            }
        } else if (target.startsWith("/")) {
            checkCharacters(target);
        } else {
            fromAbsolute(request, target);
        }
    }

    private static void fromAbsolute(HttpRequest request, String target) {
        int authority = schemeEnd(target);
        int end = authority;
        while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        String host = target.substring(authority, end);
        if (!Authority.isValid(host)) {
            throw Rejection.badRequest("The target must begin with / or http://host.");
        }
        String rest = target.substring(end);
        String origin = rest.startsWith("/") ? rest : '/' + rest;
        if (rest.isEmpty() && request.method().equals(HttpMethod.OPTIONS)) {
            origin = "*";
        } else {
            checkCharacters(origin);
        }
        request.setUri(origin);
        request.headers().set(HttpHeaderNames.HOST, host);
    }

    private static int schemeEnd(String target) {
        if (target.regionMatches(true, 0, "http://", 0, 7)) {
            return 7;
        } else if (target.regionMatches(true, 0, "https://", 0, 8)) {
            return 8;
        }
        throw Rejection.badRequest("The target must begin with / or http://host.");
    }

    private static void checkCharacters(String target) {
        boolean inPath = true;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            inPath &= c != '?';
            if (c <= ' ' || c >= 0x7f || NEVER.indexOf(c) >= 0 || (inPath && c == '\\')) {
                throw Rejection.badRequest("The target has a character that must be percent-encoded.");
            }
        }
    }
}
