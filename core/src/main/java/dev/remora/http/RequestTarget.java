package dev.remora.http;

import java.util.Optional;

/**
 * The target of a request as a gateway passes it on: in origin form, or {@code *} (RFC 9112, section 3.2).
 *
 * @param origin path and query, or {@code *}
 * @param authority host and port of a target in absolute form, which replace the Host header
 */
public record RequestTarget(String origin, Optional<String> authority) {

    // Browsers leave some characters in a query that RFC 3986 does not know: those pass. These would mislead somebody.
    private static final String NEVER = "\"<>#";

    /**
     * Reads a target in any form.
     *
     * @throws Rejection if it is none that a gateway may serve
     */
    public static RequestTarget of(String method, String target) {
        if (target.equals("*")) {
            if (!method.equals("OPTIONS")) {
                throw Rejection.badRequest("The target * belongs to OPTIONS.");
            }
        } else if (target.startsWith("/")) {
            checkCharacters(target);
        } else {
            return fromAbsolute(method, target);
        }
        return new RequestTarget(target, Optional.empty());
    }

    private static RequestTarget fromAbsolute(String method, String target) {
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
        if (rest.isEmpty() && method.equals("OPTIONS")) {
            origin = "*";
        } else {
            checkCharacters(origin);
        }
        return new RequestTarget(origin, Optional.of(host));
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
