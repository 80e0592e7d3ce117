package dev.remora.health;

import java.net.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * Asks over HTTP/1.1, without following redirects. Over TLS the certificate must be valid for the back end's host. Immutable;
 * the methods return changed copies.
 *
 * @param path begins with a slash and may have a query
 * @param method {@code GET} by default; no body is sent with any
 * @param headers sent besides {@code User-Agent}, which they may replace; each name once
 * @param statuses passes the statuses of a fit back end; by default 200 to 399
 * @param body found somewhere in the first {@value #MAX_BODY} bytes of a fit back end's answer, read as UTF-8; not read by
 *     default
 * @param port asked instead of the traffic's
 * @param tls whether it is asked over TLS; by default as the traffic is
 * @param sslContext whom it trusts; the platform's by default
 * @param agentHeader names the answer's header, if any, whose words are honoured as those of {@link HealthProbe#agent}; the
 *     status must be one of a fit back end's besides
 */
public record HttpHealthProbe(
        String path,
        String method,
        Map<String, String> headers,
        IntPredicate statuses,
        Optional<Pattern> body,
        OptionalInt port,
        Optional<Boolean> tls,
        Optional<SSLContext> sslContext,
        Optional<String> agentHeader,
        Timing timing)
        implements HealthProbe {

    static final int MAX_BODY = 65_536;

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** Creates a probe from all its parts; {@link HealthProbe#http} is the short way. */
    public HttpHealthProbe {
        if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '#')) {
            throw new IllegalArgumentException("probe path: " + path + " (expected: /..., visible ASCII)");
        }
        if (!TOKEN.matcher(method).matches() || method.equals("CONNECT")) {
            throw new IllegalArgumentException("probe method: " + method + " (expected: a method of HTTP)");
        }
        if (body.isPresent() && method.equals("HEAD")) {
            throw new IllegalArgumentException("probe method: HEAD (expected: one whose answer has a body to look at)");
        }
        port.ifPresent(Ports::require);
        headers = Map.copyOf(headers);
        headers.forEach(HttpHealthProbe::requireHeader);
        agentHeader.ifPresent(name -> {
            if (!TOKEN.matcher(name).matches()) {
                throw new IllegalArgumentException("agent header: " + name + " (expected: a header's name)");
            }
        });
    }

    static HttpHealthProbe get(String path) {
        return new HttpHealthProbe(
                path,
                "GET",
                Map.of(),
                status -> status >= 200 && status < 400,
                Optional.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Timing.DEFAULT);
    }

    /** A copy with another {@link #method}. */
    public HttpHealthProbe method(String newMethod) {
        return new HttpHealthProbe(
                path, newMethod, headers, statuses, body, port, tls, sslContext, agentHeader, timing);
    }

    /**
     * A copy with one more header, or another value of it. The client of the JDK refuses some, {@code Host} too unless the
     * JVM runs with {@code -Djdk.httpclient.allowRestrictedHeaders=host}.
     *
     * @throws IllegalArgumentException if it is not a header that may be sent; its value is not shown
     */
    public HttpHealthProbe header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.keySet().removeIf(name::equalsIgnoreCase);
        more.put(name, value);
        return new HttpHealthProbe(path, method, more, statuses, body, port, tls, sslContext, agentHeader, timing);
    }

    /** A copy that expects other {@link #statuses}. */
    public HttpHealthProbe expectStatus(IntPredicate newStatuses) {
        return new HttpHealthProbe(
                path, method, headers, newStatuses, body, port, tls, sslContext, agentHeader, timing);
    }

    /**
     * A copy that looks for a pattern in the {@link #body}. A search that takes more than ten million steps counts as a
     * fail, so that no answer can keep a thread busy.
     */
    public HttpHealthProbe expectBody(Pattern pattern) {
        return new HttpHealthProbe(
                path, method, headers, statuses, Optional.of(pattern), port, tls, sslContext, agentHeader, timing);
    }

    /** A copy that asks another {@link #port} than the traffic's, 1 to 65535. */
    public HttpHealthProbe port(int newPort) {
        return new HttpHealthProbe(
                path, method, headers, statuses, body, OptionalInt.of(newPort), tls, sslContext, agentHeader, timing);
    }

    /** A copy that asks over TLS, or not, however the traffic goes. */
    public HttpHealthProbe tls(boolean overTls) {
        return new HttpHealthProbe(
                path, method, headers, statuses, body, port, Optional.of(overTls), sslContext, agentHeader, timing);
    }

    /** A copy that trusts whom this context trusts. */
    public HttpHealthProbe sslContext(SSLContext context) {
        return new HttpHealthProbe(
                path, method, headers, statuses, body, port, tls, Optional.of(context), agentHeader, timing);
    }

    /** A copy that honours the words in this header of the answer, {@link #agentHeader}. */
    public HttpHealthProbe agentHeader(String name) {
        return new HttpHealthProbe(
                path, method, headers, statuses, body, port, tls, sslContext, Optional.of(name), timing);
    }

    @Override
    public HttpHealthProbe with(Timing newTiming) {
        return new HttpHealthProbe(
                path, method, headers, statuses, body, port, tls, sslContext, agentHeader, newTiming);
    }

    @Override
    public Prober prober(Executor executor) {
        return new HttpProber(this, executor);
    }

    /** Names the headers only: their values may be credentials. */
    @Override
    public String toString() {
        return "HttpHealthProbe[" + method + " " + path + ", headers=" + headers.keySet() + ", " + timing + "]";
    }

    // The rules are those of the client that sends it. What it says of a value may quote it.
    private static void requireHeader(String name, String value) {
        try {
            HttpRequest.newBuilder().header(name, value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "probe header: " + name + " (expected: one that the JDK's client sends, with a value it allows)");
        }
    }
}
