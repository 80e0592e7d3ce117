package dev.remora.affinity;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.ResponseView;
import dev.remora.http.AddressLiteral;
import dev.remora.http.Cookies;
import dev.remora.http.Paths;
import dev.remora.http.Queries;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Finds the key by which a client is told from others. A hash strategy turns the key into a back end; a session map
 * remembers which back end the key is bound to. Values with control characters count as absent.
 *
 * <p>Keys are hints from the client, never proof of who it is. Implementations are thread-safe and do not block.
 */
@FunctionalInterface
public interface AffinityRule {

    /**
     * The key of a request, or nothing when this rule does not apply to it.
     *
     * @param request read during this call only
     * @param origin where the request comes from, behind trusted proxies
     */
    Optional<AffinityKey> key(RequestView request, ClientOrigin origin);

    /**
     * The key that a back end has made for its client, and that the client will send from now on; nothing by default. A
     * session map binds it to the back end that made it.
     *
     * @param response the head of a response, read during this call only
     */
    default Optional<AffinityKey> learned(ResponseView response) {
        return Optional.empty();
    }

    /** Whether {@link #learned(ByteBuffer)} may find something; not by default. */
    default boolean learnsFromBody() {
        return false;
    }

    /**
     * As {@link #learned(ResponseView)}, where the back end tells the key in the body.
     *
     * @param bodyStart the first bytes of the body that came together, perhaps compressed; read during this call only
     */
    default Optional<AffinityKey> learned(ByteBuffer bodyStart) {
        return Optional.empty();
    }

    /** The first value of a request header such as {@code X-Session-Id}; an empty one counts as absent. */
    static AffinityRule header(String name) {
        requireToken("header", name);
        return (request, origin) -> request.header(name).flatMap(AffinityRule::plain);
    }

    /**
     * A request header whose value the back end makes: it sends it in a response, and the client from then on in its requests,
     * as {@code Mcp-Session-Id} of the Model Context Protocol. A session map learns it from the response.
     */
    static AffinityRule issuedHeader(String name) {
        return new IssuedKey(
                header(name),
                response -> response.headers(name).stream().findFirst().flatMap(AffinityRule::plain));
    }

    /** The value of a cookie that the application sets; an empty one counts as absent. */
    static AffinityRule cookie(String name) {
        requireToken("cookie", name);
        return (request, origin) -> Cookies.find(request.headers("cookie"), name, AffinityRule::plain);
    }

    /**
     * The value of a cookie that the back end sets, as {@code JSESSIONID}, or {@code io} of Socket.IO. A session map learns it
     * from the response.
     */
    static AffinityRule issuedCookie(String name) {
        return new IssuedKey(
                cookie(name),
                response -> response.headers("set-cookie").stream()
                        .filter(set -> !Cookies.deletes(set))
                        .map(set -> Cookies.find(List.of(Cookies.pair(set)), name, AffinityRule::plain))
                        .flatMap(Optional::stream)
                        .findFirst());
    }

    /**
     * The session of Socket.IO, also where clients poll without cookies: the back end makes it and tells it in the body of its
     * first answer, from which a session map learns it; the client sends it as {@code sid} in the query.
     */
    static AffinityRule socketIo() {
        return new SocketIoSession(queryParameter("sid"));
    }

    /** The first value of a query parameter, percent-decoded; an empty one counts as absent. */
    static AffinityRule queryParameter(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("query parameter: \"\" (expected: a name)");
        }
        return (request, origin) -> Queries.first(request.target(), name).flatMap(AffinityRule::plain);
    }

    /**
     * A segment of the path, percent-decoded; an empty one counts as absent.
     *
     * @param index 0 for the first: of {@code /sessions/7/events} it is {@code sessions}, and {@code 7} has 1
     */
    static AffinityRule pathSegment(int index) {
        if (index < 0) {
            throw new IllegalArgumentException("path segment: " + index + " (expected: >= 0)");
        }
        return (request, origin) -> Paths.segment(request.path(), index).flatMap(AffinityRule::plain);
    }

    /**
     * The subject of the bearer token, the {@code sub} of a JSON Web Token (RFC 7519): a user keeps the same key while tokens
     * are renewed. The token is <em>not</em> verified, so anybody can claim to be anybody: it may say where a request goes, and
     * never what it may do or how much. A token that is no such text counts as absent.
     *
     * @throws IllegalStateException if {@code com.fasterxml.jackson.core:jackson-core} is missing, which reads it
     */
    static AffinityRule bearerSubject() {
        try {
            BearerSubject reader = new BearerSubject();
            return (request, origin) ->
                    request.header("authorization").flatMap(reader::read).flatMap(AffinityRule::plain);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(
                    "bearer subject: no JSON parser (expected: com.fasterxml.jackson.core:jackson-core)", e);
        }
    }

    /** The client's address behind trusted proxies; of an IPv6 address the first 64 bits, which one household shares. */
    static AffinityRule clientAddress() {
        return (request, origin) ->
                Optional.of(AffinityKey.of(network(AddressLiteral.withoutMapping(origin.address()))));
    }

    /** The key of the first rule that yields one; of a response the first that learns one. */
    static AffinityRule firstOf(AffinityRule... rules) {
        return new FirstOf(List.of(rules));
    }

    /** One key of those of all rules; nothing unless all yield one. Of responses nothing is learned. */
    static AffinityRule allOf(AffinityRule... rules) {
        if (rules.length == 0) {
            throw new IllegalArgumentException("rules: none (expected: at least one)");
        }
        List<AffinityRule> copy = List.of(rules);
        return (request, origin) -> {
            StringBuilder all = new StringBuilder();
            for (AffinityRule rule : copy) {
                Optional<AffinityKey> key = rule.key(request, origin);
                if (key.isEmpty()) {
                    return Optional.empty();
                }
                // With its length in front of each, no two lists of keys make the same text.
                all.append(key.get().text().length())
                        .append(':')
                        .append(key.get().text());
            }
            return Optional.of(AffinityKey.of(all.toString()));
        };
    }

    private static Optional<AffinityKey> plain(String value) {
        return plain(value, 0, value.length());
    }

    private static Optional<AffinityKey> plain(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
                return Optional.empty();
            }
        }
        return from == to ? Optional.empty() : Optional.of(AffinityKey.of(text.substring(from, to)));
    }

    private static String network(InetAddress address) {
        byte[] bytes = address.getAddress();
        int significant = address instanceof Inet6Address ? 8 : bytes.length;
        return "ip:" + HexFormat.of().formatHex(Arrays.copyOf(bytes, significant));
    }

    private static void requireToken(String what, String name) {
        if (!Cookies.isToken(name)) {
            throw new IllegalArgumentException(
                    what + ": \"" + name.replaceAll("[^\\x20-\\x7e]", "?") + "\" (expected: an HTTP token)");
        }
    }
}
