package dev.remora.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The rules of protocol upgrades (RFC 9110, section 7.8). Stateless. */
public final class Upgrades {

    private static final String UPGRADE = "upgrade";
    // A tunnel of HTTP/2 would carry requests that nobody has judged.
    private static final Set<String> NEVER = Set.of("h2c", "h2", "http/2", "http/2.0");

    private Upgrades() {}

    /**
     * Whether a request of HTTP/1.1 asks to leave HTTP and may do so. One with a body may not: its body would have to be told
     * from the bytes of the next protocol. It is then served as if it had not asked.
     *
     * @param headers those of the request
     * @param bodyAnnounced whether a body may follow
     */
    public static boolean isAskedFor(Headers headers, boolean bodyAnnounced) {
        return !bodyAnnounced
                && ProxyHeaders.mentions(headers.values("connection"), UPGRADE)
                && !offered(headers).isEmpty();
    }

    /** The protocols offered by a request, without those that are not tunnelled. */
    public static List<String> offered(Headers headers) {
        List<String> protocols = new ArrayList<>();
        for (String value : headers.values(UPGRADE)) {
            for (String protocol : value.split(",", -1)) {
                String stripped = protocol.strip();
                if (!stripped.isEmpty() && !NEVER.contains(stripped.toLowerCase(Locale.ROOT))) {
                    protocols.add(stripped);
                }
            }
        }
        return protocols;
    }

    /**
     * Whether a 101 answers with one of the protocols that were offered.
     *
     * @param offered as {@link #offered} has told; empty when no upgrade was asked for
     */
    public static boolean isAnswer(Headers response, List<String> offered) {
        List<String> chosen = response.values(UPGRADE);
        return chosen.size() == 1
                && offered.stream()
                        .anyMatch(protocol ->
                                protocol.equalsIgnoreCase(chosen.get(0).strip()));
    }

    /** Whether an agreement to an upgrade leads to the WebSocket protocol. */
    public static boolean isToWebSocket(Headers agreement) {
        return ProxyHeaders.mentions(agreement.values(UPGRADE), "websocket");
    }

    /** Sets the headers that ask for an upgrade, or agree to it, on one hop. */
    public static void announce(Headers headers, String protocols) {
        headers.set("connection", UPGRADE);
        headers.set(UPGRADE, protocols);
    }
}
