package dev.remora.pool;

import java.net.URI;
import java.util.Map;
import java.util.Objects;

/**
 * One server that can answer requests, as its source describes it. Immutable; the {@code with...} methods return
 * changed copies.
 *
 * @param id the stable identity
 * @param uri where it listens: {@code http} or {@code https}, a host, optionally a port, and no path
 * @param weight its share of new streams relative to the others, 1 to 1,000,000; 1 by default
 * @param maxStreams the most streams it may have open at once, at least 1; no cap ({@link Integer#MAX_VALUE}) by default
 * @param draining whether it takes no new clients any more but keeps serving those that are bound to it
 * @param zone where it runs, for strategies that prefer near back ends; empty when not told
 * @param metadata free text for the user's own strategies and listeners
 */
public record Backend(
        BackendId id,
        URI uri,
        int weight,
        int maxStreams,
        boolean draining,
        String zone,
        Map<String, String> metadata) {

    private static final int MAX_WEIGHT = 1_000_000;

    // A name that never resolves (RFC 6761): nobody can connect to it by mistake.
    private static final URI HERE = URI.create("http://here.invalid");

    /** Creates a back end from all its parts; {@link #of} is the short way. */
    public Backend {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(zone, "zone");
        requireBase(uri);
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1 to " + MAX_WEIGHT + ")");
        }
        if (maxStreams < 1) {
            throw new IllegalArgumentException("maxStreams: " + maxStreams + " (expected: >= 1)");
        }
        metadata = Map.copyOf(metadata);
    }

    /**
     * A back end of weight 1 without a stream cap.
     *
     * @throws IllegalArgumentException if the id or the URI breaks its rule
     */
    public static Backend of(String id, String uri) {
        return new Backend(new BackendId(id), parse(uri), 1, Integer.MAX_VALUE, false, "", Map.of());
    }

    /**
     * This application itself, for a balancer that has no back ends and only guards, counts and limits what the application
     * answers on its own. Its id is {@code here}; nobody connects to its {@link #uri}, and health probes are refused.
     *
     * <pre>{@code
     * LoadBalancer door = LoadBalancer.builder()
     *         .backends(Backend.here().withMaxStreams(200))
     *         .health(HealthPolicy.none())
     *         .guard(guard)
     *         .build();
     * }</pre>
     */
    public static Backend here() {
        return new Backend(new BackendId("here"), HERE, 1, Integer.MAX_VALUE, false, "", Map.of());
    }

    /** Whether it is {@link #here()}, however changed. */
    public boolean isHere() {
        return uri.equals(HERE);
    }

    /** A copy with another {@link #weight}. */
    public Backend withWeight(int newWeight) {
        return new Backend(id, uri, newWeight, maxStreams, draining, zone, metadata);
    }

    /** A copy with another cap on open streams, {@link #maxStreams}. */
    public Backend withMaxStreams(int newMaxStreams) {
        return new Backend(id, uri, weight, newMaxStreams, draining, zone, metadata);
    }

    /** A copy that is {@link #draining} or not. */
    public Backend withDraining(boolean newDraining) {
        return new Backend(id, uri, weight, maxStreams, newDraining, zone, metadata);
    }

    /** A copy in another {@link #zone}. */
    public Backend withZone(String newZone) {
        return new Backend(id, uri, weight, maxStreams, draining, newZone, metadata);
    }

    /** A copy with other {@link #metadata}. */
    public Backend withMetadata(Map<String, String> newMetadata) {
        return new Backend(id, uri, weight, maxStreams, draining, zone, newMetadata);
    }

    /** Whether connections to it are made over TLS. */
    public boolean secure() {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    /** The host name or address literal, an IPv6 literal without its brackets. */
    public String host() {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Host and port as the source wrote them: {@code 10.0.0.1:3210}, {@code [::1]:80}, or a host alone. */
    public String authority() {
        return uri.getRawAuthority();
    }

    /** The port, 80 or 443 by scheme when the URI names none. */
    public int port() {
        int port = uri.getPort();
        if (port >= 0) {
            return port;
        }
        return secure() ? 443 : 80;
    }

    private static URI parse(String uri) {
        try {
            return URI.create(uri);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(expectation(uri), e);
        }
    }

    private static void requireBase(URI uri) {
        String scheme = uri.getScheme();
        boolean http = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
        String path = uri.getRawPath();
        boolean bare = uri.getRawQuery() == null
                && uri.getRawFragment() == null
                && uri.getRawUserInfo() == null
                && (path == null || path.isEmpty() || path.equals("/"));
        if (!http || uri.getHost() == null || !bare || uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new IllegalArgumentException(expectation(uri.toString()));
        }
    }

    private static String expectation(String uri) {
        return "uri: " + uri + " (expected: http://host:port or https://host:port, without path)";
    }
}
