package dev.remora;

import java.time.Duration;

/**
 * The plan of a drain: how long clients that are bound to the back end are still served, and when the last stream ends.
 *
 * <pre>{@code
 * Draining run = balancer.drain("a", Drain.softly(Duration.ofMinutes(1)).until(Duration.ofMinutes(10)));
 * run.empty().thenRun(this::stopServer);
 * }</pre>
 *
 * <p>From the beginning on no new client gets to the back end. Until the <em>soft deadline</em> those that are bound to it
 * are still served there; after it they are rebound, as if the back end were gone. Between the soft deadline and the end
 * of the {@link #spread} each open stream is asked to end politely ({@link EndRequest.Urgency#POLITE}) at an instant of
 * its own, so that the clients do not all come back at once. At the <em>hard deadline</em> what is still open is asked to
 * end at once ({@link EndRequest.Urgency#NOW}). Immutable; the methods that take a value return changed copies.
 *
 * @param soft from the beginning to the soft deadline, at least 0
 * @param hard from the beginning to the hard deadline; at least {@code soft}, at most 365 days
 * @param spread how long after the soft deadline the last stream is asked politely; 0 to {@code hard - soft}, which is
 *     the default
 * @param closeCode the WebSocket close code, 1000 to 4999; 1001 (going away) by default, 1012 is service restart
 * @param retryAfter when clients should come back, at least 0; 1 second by default
 */
public record Drain(Duration soft, Duration hard, Duration spread, int closeCode, Duration retryAfter) {

    private static final Duration LONGEST = Duration.ofDays(365);

    /** Creates a plan from all its parts; {@link #softly} is the short way. */
    public Drain {
        requireNotNegative("soft", soft);
        if (hard.compareTo(soft) < 0 || hard.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("hard: " + hard + " (expected: " + soft + " to 365 days)");
        }
        requireNotNegative("spread", spread);
        if (spread.compareTo(hard.minus(soft)) > 0) {
            throw new IllegalArgumentException("spread: " + spread + " (expected: at most " + hard.minus(soft) + ")");
        }
        EndRequest.requireGoodbye(closeCode, retryAfter);
    }

    /**
     * Begins a plan with its soft deadline; {@link Softly#until} completes it.
     *
     * @param soft from the beginning of the drain to the soft deadline, at least 0
     */
    public static Softly softly(Duration soft) {
        return new Softly(soft);
    }

    /** A copy whose streams are asked within so long after the soft deadline. */
    public Drain spread(Duration newSpread) {
        return new Drain(soft, hard, newSpread, closeCode, retryAfter);
    }

    /** A copy that closes WebSockets with this code. */
    public Drain closeCode(int newCloseCode) {
        return new Drain(soft, hard, spread, newCloseCode, retryAfter);
    }

    /** A copy that asks clients to come back after so long. */
    public Drain retryAfter(Duration newRetryAfter) {
        return new Drain(soft, hard, spread, closeCode, newRetryAfter);
    }

    EndRequest request(EndRequest.Reason reason, EndRequest.Urgency urgency) {
        return new EndRequest(reason, urgency, closeCode, retryAfter);
    }

    private static void requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
        }
    }

    /**
     * A plan without its hard deadline.
     *
     * @param soft from the beginning of the drain to the soft deadline, at least 0
     */
    public record Softly(Duration soft) {

        /** Creates one. */
        public Softly {
            requireNotNegative("soft", soft);
        }

        /**
         * Completes the plan.
         *
         * @param hard from the <em>beginning</em> of the drain to the hard deadline, at least the soft one
         */
        public Drain until(Duration hard) {
            Duration window = hard.compareTo(soft) < 0 ? Duration.ZERO : hard.minus(soft);
            return new Drain(soft, hard, window, 1001, Duration.ofSeconds(1));
        }
    }
}
