package dev.remora.netty;

import dev.remora.http.ProxyHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The rules of protocol upgrades (RFC 9110, section 7.8). */
final class Upgrades {

    // A tunnel of HTTP/2 would carry requests that nobody has judged.
    private static final Set<String> NEVER = Set.of("h2c", "h2", "http/2", "http/2.0");

    private Upgrades() {}

    /**
     * Whether a request asks to leave HTTP and may do so. One with a body may not: its body would have to be told from
     * the bytes of the next protocol. It is then served as if it had not asked.
     */
    static boolean isAskedFor(HttpRequest request) {
        HttpHeaders headers = request.headers();
        return headers.contains(HttpHeaderNames.UPGRADE)
                && HttpVersion.HTTP_1_1.equals(request.protocolVersion())
                && ProxyHeaders.mentions(headers.getAll(HttpHeaderNames.CONNECTION), "upgrade")
                && !Bodies.isAnnounced(headers)
                && !offered(request).isEmpty();
    }

    /** The protocols offered by a request, without those that are not tunnelled. */
    static List<String> offered(HttpRequest request) {
        List<String> protocols = new ArrayList<>();
        for (String value : request.headers().getAll(HttpHeaderNames.UPGRADE)) {
            for (String protocol : value.split(",", -1)) {
                String stripped = protocol.strip();
                if (!stripped.isEmpty() && !NEVER.contains(stripped.toLowerCase(Locale.ROOT))) {
                    protocols.add(stripped);
                }
            }
        }
        return protocols;
    }

    /** Whether a 101 answers the request's own offer with one of its protocols. */
    static boolean isAnswer(HttpResponse response, HttpRequest request) {
        List<String> chosen = response.headers().getAll(HttpHeaderNames.UPGRADE);
        return isAskedFor(request)
                && chosen.size() == 1
                && offered(request).stream()
                        .anyMatch(protocol ->
                                protocol.equalsIgnoreCase(chosen.get(0).strip()));
    }

    /** Whether an agreement to an upgrade leads to the WebSocket protocol. */
    static boolean isToWebSocket(HttpHeaders agreement) {
        return agreement.containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
    }

    /** Sets the headers that ask for an upgrade, or agree to it, on one hop. */
    static void announce(HttpHeaders headers, String protocols) {
        headers.set(HttpHeaderNames.CONNECTION, "upgrade");
        headers.set(HttpHeaderNames.UPGRADE, protocols);
    }
}
