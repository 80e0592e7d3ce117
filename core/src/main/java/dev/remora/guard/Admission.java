package dev.remora.guard;

import java.time.Duration;
import java.util.Objects;

/** A guard's answer. */
public sealed interface Admission {

    /** The request may enter and holds nothing. */
    static Admission admitted() {
        return Admitted.FREE;
    }

    /** The request may enter and holds a permit until its stream ends. */
    static Admission admitted(Permit permit) {
        return new Admitted(permit);
    }

    /** The request may not enter. */
    static Admission denied(String why, Duration retryAfter) {
        return new Denied(why, retryAfter);
    }

    /**
     * See {@link Admission#admitted(Permit)}.
     *
     * @param permit released exactly once, when the stream ends
     */
    record Admitted(Permit permit) implements Admission {
        private static final Admitted FREE = new Admitted(() -> {});

        /** Creates an answer. */
        public Admitted {
            Objects.requireNonNull(permit, "permit");
        }
    }

    /**
     * See {@link Admission#denied}.
     *
     * @param why a short text that the client may see; no secrets
     * @param retryAfter when asking again makes sense; not negative
     */
    record Denied(String why, Duration retryAfter) implements Admission {
        /** Creates an answer. */
        public Denied {
            Objects.requireNonNull(why, "why");
            if (retryAfter.isNegative()) {
                throw new IllegalArgumentException("retryAfter: " + retryAfter + " (expected: >= 0)");
            }
        }
    }

    /** What an admitted stream holds. */
    @FunctionalInterface
    interface Permit {
        /** Gives it back. Called exactly once, on whichever thread ends the stream; does not block and does not throw. */
        void release();
    }
}
