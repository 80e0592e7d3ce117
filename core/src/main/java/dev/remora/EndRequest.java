package dev.remora;

import java.time.Duration;
import java.util.Objects;

/**
 * The balancer asks that an open stream be ended. How a protocol says goodbye is the adapter's knowledge: a WebSocket
 * gets a close frame, an event stream ends between two events, a finite body runs until the deadline and is then cut
 * visibly.
 *
 * @param reason why
 * @param deadline how long the stream may take to end politely, from now; zero means at once
 * @param closeCode the WebSocket close code to send, for example 1001 (going away)
 * @param retryAfter when the client should come back
 */
public record EndRequest(Reason reason, Duration deadline, int closeCode, Duration retryAfter) {

    /** Creates a request. */
    public EndRequest {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(deadline, "deadline");
        Objects.requireNonNull(retryAfter, "retryAfter");
    }

    /** Why a stream is to be ended. */
    public enum Reason {
        /** The balancer is being closed. */
        SHUTDOWN
    }
}
