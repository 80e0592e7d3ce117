package dev.remora.http;

import java.time.Duration;
import java.util.Objects;

/**
 * How long the gateway waits for what. Nothing limits the total duration of a stream. Immutable and thread-safe; each
 * {@code with...} method returns a changed copy.
 *
 * <p>In a servlet container the times before a request is complete, {@code requestHead} and {@code clientIdle}, are the
 * container's own settings.
 *
 * @param requestHead from the first byte of a request (of the first one: from the accepted connection) to the end of its
 *     head; 10 s by default
 * @param requestBodyIdle between two pieces of a request's body; 60 s by default
 * @param clientIdle how long a client's connection may stay open between two requests; 75 s by default
 * @param connect for name look-up, connection and TLS handshake with a back end together; 5 s by default
 * @param firstByte from the end of the request to the head of the response; 5 min by default
 * @param streamIdle how long nothing may flow, in either direction, once the response has begun; 1 h by default
 */
public record Timeouts(
        Duration requestHead,
        Duration requestBodyIdle,
        Duration clientIdle,
        Duration connect,
        Duration firstByte,
        Duration streamIdle) {

    private static final Duration LONGEST = Duration.ofDays(365);

    /**
     * Creates timeouts.
     *
     * @throws IllegalArgumentException if one is not above zero or longer than a year
     */
    public Timeouts {
        check("requestHead", requestHead);
        check("requestBodyIdle", requestBodyIdle);
        check("clientIdle", clientIdle);
        check("connect", connect);
        check("firstByte", firstByte);
        check("streamIdle", streamIdle);
    }

    /** The defaults: right for chat traffic, where an answer may think for minutes and stream for an hour. */
    public static Timeouts defaults() {
        return new Timeouts(
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(75),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                Duration.ofHours(1));
    }

    /** A copy with another {@link #requestHead}. */
    public Timeouts withRequestHead(Duration timeout) {
        return new Timeouts(timeout, requestBodyIdle, clientIdle, connect, firstByte, streamIdle);
    }

    /** A copy with another {@link #requestBodyIdle}. */
    public Timeouts withRequestBodyIdle(Duration timeout) {
        return new Timeouts(requestHead, timeout, clientIdle, connect, firstByte, streamIdle);
    }

    /** A copy with another {@link #clientIdle}. */
    public Timeouts withClientIdle(Duration timeout) {
        return new Timeouts(requestHead, requestBodyIdle, timeout, connect, firstByte, streamIdle);
    }

    /** A copy with another {@link #connect}. */
    public Timeouts withConnect(Duration timeout) {
        return new Timeouts(requestHead, requestBodyIdle, clientIdle, timeout, firstByte, streamIdle);
    }

    /** A copy with another {@link #firstByte}. */
    public Timeouts withFirstByte(Duration timeout) {
        return new Timeouts(requestHead, requestBodyIdle, clientIdle, connect, timeout, streamIdle);
    }

    /** A copy with another {@link #streamIdle}. */
    public Timeouts withStreamIdle(Duration timeout) {
        return new Timeouts(requestHead, requestBodyIdle, clientIdle, connect, firstByte, timeout);
    }

    private static void check(String name, Duration timeout) {
        Objects.requireNonNull(timeout, name);
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + timeout + " (expected: > 0, at most a year)");
        }
    }
}
