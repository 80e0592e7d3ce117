package dev.remora.netty;

import java.time.Duration;

/**
 * How much of what.
 *
 * @param maxInitialLineBytes of a request line or status line, and of a line that announces a chunk
 * @param maxHeaderBytes of all header lines of a message together; of trailers likewise
 * @param maxRequestBodyBytes of a request's body
 * @param maxIdleConnections to one back end, kept by each event loop
 * @param backendIdle how long an idle connection to a back end is kept
 */
record Limits(
        int maxInitialLineBytes,
        int maxHeaderBytes,
        long maxRequestBodyBytes,
        int maxIdleConnections,
        Duration backendIdle) {

    Limits {
        atLeast("maxInitialLineBytes", maxInitialLineBytes, 64);
        atLeast("maxHeaderBytes", maxHeaderBytes, 128);
        atLeast("maxRequestBodyBytes", maxRequestBodyBytes, 0);
        atLeast("maxIdleConnections", maxIdleConnections, 0);
        if (backendIdle.isNegative() || backendIdle.isZero() || backendIdle.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("backendIdle: " + backendIdle + " (expected: > 0, at most a day)");
        }
    }

    static Limits defaults() {
        return new Limits(8 * 1024, 32 * 1024, Long.MAX_VALUE, 64, Duration.ofSeconds(60));
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
