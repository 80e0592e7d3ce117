package dev.remora.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The rules for headers that every proxy must obey: what ends at this hop, and what tells the next one where a request
 * came from (RFC 9110 section 7.6, RFC 7239). Stateless.
 */
public final class ProxyHeaders {

    private static final List<String> HOP_BY_HOP = List.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "upgrade",
            "http2-settings");

    // A Connection header that names these is an attempt to make hops disagree on the message; they stay.
    private static final Set<String> NEVER_NOMINATED =
            Set.of("host", "content-length", "transfer-encoding", "content-type", "date", "trailer");

    private static final String VIA = "1.1 remora";

    private ProxyHeaders() {}

    /**
     * Makes a request's headers fit for the next hop. Framing headers ({@code Content-Length},
     * {@code Transfer-Encoding}) and those of an upgrade are the adapter's own matter.
     *
     * @param peer the other end of the connection that the request came on
     * @param peerIsTrusted whether it is a proxy whose forwarding headers are kept and extended; otherwise those that
     *     came with the request are discarded
     * @param secure whether the request came over TLS on that connection
     */
    public static void prepareRequest(Headers headers, InetAddress peer, boolean peerIsTrusted, boolean secure) {
        boolean trailers = mentions(headers.values("te"), "trailers");
        removeHopByHop(headers);
        if (trailers) {
            headers.set("te", "trailers");
        }
        if (!peerIsTrusted) {
            discardForwarding(headers);
        }
        String host = headers.values("host").stream().findFirst().orElse("");
        append(headers, "x-forwarded-for", peer.getHostAddress());
        setIfAbsent(headers, "x-forwarded-proto", secure ? "https" : "http");
        if (!host.isEmpty()) {
            setIfAbsent(headers, "x-forwarded-host", host);
        }
        append(headers, "forwarded", forwarded(peer, host, secure));
        append(headers, "via", VIA);
        MaxForwards.decrement(headers);
    }

    /** Makes a response's headers fit for the client; framing and upgrade headers are the adapter's own matter. */
    public static void prepareResponse(Headers headers) {
        removeHopByHop(headers);
        append(headers, "via", VIA);
    }

    /** Whether a list of header values has an element, compared without regard to case; parameters are ignored. */
    public static boolean mentions(List<String> values, String element) {
        for (String value : values) {
            for (String each : value.split(",", -1)) {
                int semicolon = each.indexOf(';');
                if ((semicolon < 0 ? each : each.substring(0, semicolon))
                        .strip()
                        .equalsIgnoreCase(element)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void removeHopByHop(Headers headers) {
        for (String value : headers.values("connection")) {
            for (String option : value.split(",", -1)) {
                String nominated = option.strip().toLowerCase(Locale.ROOT);
                if (!nominated.isEmpty() && !NEVER_NOMINATED.contains(nominated)) {
                    headers.remove(nominated);
                }
            }
        }
        HOP_BY_HOP.forEach(headers::remove);
    }

    // Back ends that keep headers as CGI variables cannot tell X_Forwarded_For from X-Forwarded-For.
    private static void discardForwarding(Headers headers) {
        for (String name : headers.names()) {
            String lower = name.toLowerCase(Locale.ROOT).replace('_', '-');
            if (lower.startsWith("x-forwarded-") || lower.equals("forwarded") || lower.equals("x-real-ip")) {
                headers.remove(name);
            }
        }
    }

    private static void setIfAbsent(Headers headers, String name, String value) {
        if (headers.values(name).isEmpty()) {
            headers.add(name, value);
        }
    }

    // One line in all, so that no hop reads only the first of several.
    private static void append(Headers headers, String name, String element) {
        List<String> present = headers.values(name);
        headers.set(name, present.isEmpty() ? element : String.join(", ", present) + ", " + element);
    }

    private static String forwarded(InetAddress peer, String host, boolean secure) {
        String address = peer.getHostAddress();
        String node = peer instanceof Inet6Address ? "\"[" + address + "]\"" : address;
        String quotable = host.replaceAll("[\"\\\\]", "");
        String hostPart = quotable.isEmpty() ? "" : ";host=\"" + quotable + '"';
        return "for=" + node + hostPart + ";proto=" + (secure ? "https" : "http");
    }
}
