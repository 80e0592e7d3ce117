package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A guard's answer. */
public sealed interface Admission {

    /** The request may enter and holds nothing. */
    static Admission admitted() {
        return Admitted.FREE;
    }

    /** The request may enter and holds a permit until its stream ends. */
    static Admission admitted(Permit permit) {
        return new Admitted(Optional.of(permit), Optional.empty());
    }

    /** The request may enter, and the guards behind know whose it is. */
    static Admission admitted(Caller caller, Permit permit) {
        return new Admitted(Optional.of(permit), Optional.of(caller));
    }

    /** The request may not enter now: 429 with {@code Retry-After}. */
    static Admission denied(String why, Duration retryAfter) {
        return denied(new Problem(429, "Too many requests", why, Optional.of(retryAfter)));
    }

    /** The request may not enter. */
    static Admission denied(Problem problem) {
        return new Denied(problem, HeaderEdits.none());
    }

    /**
     * The request may not enter.
     *
     * @param headers of the answer, beside those of the problem
     */
    static Admission denied(Problem problem, HeaderEdits headers) {
        return new Denied(problem, headers);
    }

    /** The answer comes later; only for those who may wait ({@link Visitor#mayWait}). */
    static Admission pending(CompletionStage<Admission> answer) {
        return new Pending(answer);
    }

    /**
     * See {@link Admission#admitted(Permit)}.
     *
     * @param permit what the stream holds
     * @param caller whose request it is, if this guard can tell
     */
    record Admitted(Optional<Permit> permit, Optional<Caller> caller) implements Admission {
        private static final Admitted FREE = new Admitted(Optional.empty(), Optional.empty());

        /** Creates an answer. */
        public Admitted {
            Objects.requireNonNull(permit, "permit");
            Objects.requireNonNull(caller, "caller");
        }
    }

    /**
     * See {@link Admission#denied(Problem, HeaderEdits)}.
     *
     * @param problem what the client is told; no secrets
     * @param headers of the answer, beside those of the problem
     */
    record Denied(Problem problem, HeaderEdits headers) implements Admission {
        /** Creates an answer. */
        public Denied {
            Objects.requireNonNull(problem, "problem");
            Objects.requireNonNull(headers, "headers");
        }
    }

    /**
     * See {@link Admission#pending}.
     *
     * @param answer comes with one of the two others, on any thread, and never fails. The guards behind are asked meanwhile, so
     *     they do not learn of a {@linkplain Admitted#caller caller} that comes with it
     */
    record Pending(CompletionStage<Admission> answer) implements Admission {
        /** Creates an answer. */
        public Pending {
            Objects.requireNonNull(answer, "answer");
        }
    }
}
