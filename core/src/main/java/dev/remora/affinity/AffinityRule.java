package dev.remora.affinity;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.ResponseView;
import dev.remora.http.Cookies;
import dev.remora.http.Queries;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Finds the key by which a client is told from others. A hash strategy turns the key into a back end; a session map
 * remembers which back end the key is bound to.
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

    /** The first value of a request header such as {@code X-Session-Id}; an empty one counts as absent. */
    static AffinityRule header(String name) {
        requireName("header", name);
        return (request, origin) -> request.header(name).flatMap(AffinityRule::nonEmpty);
    }

    /** The value of a cookie that the application sets; an empty one counts as absent. */
    static AffinityRule cookie(String name) {
        requireName("cookie", name);
        return (request, origin) ->
                Cookies.find(request.headers("cookie"), name).flatMap(AffinityRule::nonEmpty);
    }

    /** The first value of a query parameter, percent-decoded; an empty one counts as absent. */
    static AffinityRule queryParameter(String name) {
        requireName("query parameter", name);
        return (request, origin) -> Queries.first(request.target(), name).flatMap(AffinityRule::nonEmpty);
    }

    /** The client's address behind trusted proxies; of an IPv6 address the first 64 bits, which one household shares. */
    static AffinityRule clientAddress() {
        return (request, origin) -> Optional.of(AffinityKey.of(network(origin.address())));
    }

    /** The key of the first rule that yields one. */
    static AffinityRule firstOf(AffinityRule... rules) {
        List<AffinityRule> copy = List.of(rules);
        return (request, origin) -> {
            for (AffinityRule rule : copy) {
                Optional<AffinityKey> key = rule.key(request, origin);
                if (key.isPresent()) {
                    return key;
                }
            }
            return Optional.empty();
        };
    }

    private static Optional<AffinityKey> nonEmpty(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(AffinityKey.of(value));
    }

    private static String network(InetAddress address) {
        byte[] bytes = address.getAddress();
        int significant = address instanceof Inet6Address ? 8 : bytes.length;
        return "ip:" + HexFormat.of().formatHex(Arrays.copyOf(bytes, significant));
    }

    private static void requireName(String what, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException(what + ": \"\" (expected: a name)");
        }
    }
}
