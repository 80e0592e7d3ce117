package dev.remora.exchange;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A read-only view of the platform's own request; nothing is copied.
 *
 * <p>The balancer reads it on the thread that asks for a back end and never after the pick is made, so an adapter may
 * reuse or release the request behind it afterwards. Implementations need not be thread-safe.
 */
public interface RequestView {

    /** The method as sent, for example {@code POST}. */
    String method();

    /** The request target in origin form, path and query as sent, for example {@code /v1/chat?user=7}. */
    String target();

    /**
     * All values of a header in the order they were received; empty when it is absent.
     *
     * @param name compared without regard to case
     */
    List<String> headers(String name);

    /** How long the names and the values of all headers are together, in characters. */
    long headersLength();

    /** The other end of the connection: the client, or the nearest proxy in front of it. */
    InetSocketAddress remoteAddress();

    /** Whether the request arrived over TLS on this very connection. */
    boolean secure();

    /** The first value of a header, if there is one. */
    default Optional<String> header(String name) {
        List<String> values = headers(name);
        return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
    }

    /** The path of {@link #target()}: everything before the first {@code ?}. */
    default String path() {
        String target = target();
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }
}
