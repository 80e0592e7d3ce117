package dev.remora;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * The balancer asks that an open stream be ended. When is the balancer's knowledge, how a protocol says goodbye is the
 * adapter's: a WebSocket gets a close frame, an event stream that the client can resume ends between two events.
 *
 * @param reason why
 * @param urgency whether the stream may go on where the protocol has no goodbye
 * @param closeCode the WebSocket close code to send: 1001 (going away) or 1012 (service restart), for example
 * @param retryAfter when the client should come back; not negative
 */
public record EndRequest(Reason reason, Urgency urgency, int closeCode, Duration retryAfter) {

    // RFC 6455, section 7.4.1: what a client hears that got no close frame, and what has no meaning yet.
    private static final Set<Integer> NEVER_SENT = Set.of(1004, 1005, 1006, 1015);

    /** Creates a request. */
    public EndRequest {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(urgency, "urgency");
        requireGoodbye(closeCode, retryAfter);
    }

    static void requireGoodbye(int closeCode, Duration retryAfter) {
        if (closeCode < 1000 || closeCode > 4999 || NEVER_SENT.contains(closeCode)) {
            throw new IllegalArgumentException(
                    "closeCode: " + closeCode + " (expected: 1000 to 4999, and not 1004, 1005, 1006 or 1015)");
        }
        if (retryAfter.isNegative()) {
            throw new IllegalArgumentException("retryAfter: " + retryAfter + " (expected: >= 0)");
        }
    }

    /** Why a stream is to be ended. */
    public enum Reason {
        /** The balancer is being closed. */
        SHUTDOWN,
        /** Its back end is being drained. */
        DRAIN,
        /** It has been open for as long as a stream may. */
        AGE,
        /** Its back end has more than its share. */
        REBALANCE,
        /** It has used up what it may. */
        EXHAUSTED
    }

    /** How a stream is to be ended. */
    public enum Urgency {
        /**
         * At the next point where the client sees a proper end and knows that it may come back: between two WebSocket
         * frames, or between two events of a stream that it can resume. A stream without such a point, a chat answer
         * above all, goes on.
         */
        POLITE,
        /** At once. What is cut in the middle must look cut. */
        NOW
    }
}
