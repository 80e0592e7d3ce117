package dev.remora;

import dev.remora.guard.Admission;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * No back end for this request now. A value, not an exception: refusing is cheap and normal under load.
 *
 * @param reason why
 * @param problem the refusal as an HTTP answer; no secrets
 * @param headers of that answer, beside those of the problem
 */
public record Refusal(Reason reason, Problem problem, HeaderEdits headers) implements Pick {

    private static final Optional<Duration> RETRY_AFTER = Optional.of(Duration.ofSeconds(1));

    /** Creates a refusal. */
    public Refusal {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(problem, "problem");
        Objects.requireNonNull(headers, "headers");
    }

    static Refusal of(Reason reason) {
        Problem problem = new Problem(reason.status, reason.title, "", RETRY_AFTER);
        return new Refusal(reason, problem, HeaderEdits.none());
    }

    static Refusal denied(Admission.Denied denial) {
        return new Refusal(Reason.DENIED, denial.problem(), denial.headers());
    }

    /** Why a request got no back end. */
    public enum Reason {
        /** A guard denied it; the problem says what for. */
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

        Reason(int status, String title) {
            this.status = status;
            this.title = title;
        }
    }
}
