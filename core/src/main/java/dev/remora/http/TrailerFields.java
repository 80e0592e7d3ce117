package dev.remora.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which trailer fields go on to the next hop (RFC 9110, section 6.5.1). Stateless. */
public final class TrailerFields {

    // Framing, routing, request modifiers, authentication, content and caching: what a recipient may merge into the
    // head must not change what others have decided by the head.
    private static final Set<String> NEVER = Set.of(
            "transfer-encoding",
            "content-length",
            "trailer",
            "host",
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "upgrade",
            "http2-settings",
            "cache-control",
            "expect",
            "max-forwards",
            "pragma",
            "range",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
            "if-range",
            "authorization",
            "proxy-authenticate",
            "proxy-authorization",
            "www-authenticate",
            "x-api-key",
            "api-key",
            "x-goog-api-key",
            "cookie",
            "set-cookie",
            "age",
            "date",
            "expires",
            "location",
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "vary",
            "warning",
            "content-encoding",
            "content-type",
            "content-range",
            "forwarded",
            "via",
            "x-real-ip");

    private TrailerFields() {}

    /**
     * Whether a trailer field may pass. A name with underscores may pass when the one with hyphens in their place may: back
     * ends that keep headers as CGI variables cannot tell them apart.
     *
     * @param connectionOptions the Connection header of the same message; what it names ends here
     */
    public static boolean mayPass(String name, List<String> connectionOptions) {
        String lower = name.toLowerCase(Locale.ROOT).replace('_', '-');
        return !NEVER.contains(lower)
                && !lower.startsWith("x-forwarded-")
                && !ProxyHeaders.mentions(connectionOptions, name);
    }
}
