package dev.remora;

import dev.remora.http.Problem;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * No back end for this request now. A value, not an exception: refusing is cheap and normal under load.
 *
 * @param reason why
 * @param detail a short text for the client; may be empty; no secrets
 * @param retryAfter when asking again makes sense
 */
public record Refusal(Reason reason, String detail, Duration retryAfter) implements Pick {

    /** Creates a refusal. */
    public Refusal {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(retryAfter, "retryAfter");
    }

    static Refusal of(Reason reason) {
        return new Refusal(reason, "", reason.retryAfter);
    }

    /** The refusal as an HTTP answer. */
    public Problem problem() {
        return new Problem(reason.status, reason.title, detail, Optional.of(retryAfter));
    }

    /** Why a request got no back end. */
    public enum Reason {
        /** A guard denied it. */
        DENIED(429, "Too many requests"),
        /** The pool has no member that could take it. */
        NO_BACKEND(503, "No back end is available"),
        /** Every member that could take it has as many streams as it may. */
        SATURATED(503, "All back ends are busy"),
        /** The back end that the client is bound to cannot serve, and the client may not move. */
        BOUND_BACKEND_UNFIT(503, "The back end of this session is not available"),
        /** Every member has been tried, or too many requests are being tried again. */
        RETRIES_SPENT(502, "No back end could be reached"),
        /** The balancer is closed. */
        CLOSED(503, "The gateway is shutting down");

        private final int status;
        private final String title;
        private final Duration retryAfter = Duration.ofSeconds(1);

        Reason(int status, String title) {
            this.status = status;
            this.title = title;
        }
    }
}
