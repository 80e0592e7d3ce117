package dev.remora.health;

import dev.remora.pool.Backend;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Asks a back end whether it is fit, from time to time, whatever the traffic says.
 *
 * <p>A back end that fails {@link Timing#fall} probes in a row gets no new streams until it has passed
 * {@link Timing#rise} in a row; its open streams go on. Thread-safe.
 */
public interface HealthProbe {

    /**
     * Makes the worker that asks for one balancer.
     *
     * @param executor runs what a prober has to run beside {@link Prober#probe}; never a thread of requests
     */
    Prober prober(Executor executor);

    /** How often it asks, and how many answers in a row change its mind. */
    Timing timing();

    /** The same probe with another timing. */
    HealthProbe with(Timing timing);

    /** Passes when a TCP connection can be made. */
    static HealthProbe tcp() {
        return new TcpProbe(OptionalInt.empty(), Timing.DEFAULT);
    }

    /**
     * Passes when a TCP connection to this port of the back end's host can be made.
     *
     * @param port 1 to 65535
     */
    static HealthProbe tcp(int port) {
        return new TcpProbe(OptionalInt.of(port), Timing.DEFAULT);
    }

    /**
     * Passes when {@code GET path} is answered with a status of 200 to 399 in time. The methods of the result change what is
     * asked and what is expected.
     *
     * @param path begins with a slash, for example {@code /healthz}
     */
    static HttpHealthProbe http(String path) {
        return HttpHealthProbe.get(path);
    }

    /**
     * HAProxy's agent check, by an agent on the back end's host that answers each connection with one line of at most 512
     * bytes. Of its words, {@code up} and {@code ready} mean fit and not draining, {@code drain} to serve no clients but
     * those that are bound, {@code down}, {@code fail}, {@code stopped} and {@code maint} unfit, and {@code 75%} that part of
     * the weight, up to 256%, where 0% is as good as {@code drain} until a higher one comes. Words about being fit are
     * believed at once. What a line does not say stays. An agent that does not answer fails the probe, other than in HAProxy,
     * where another check beside it decides.
     *
     * @param port 1 to 65535
     */
    static HealthProbe agent(int port) {
        return new AgentProbe(port, Timing.DEFAULT);
    }

    /** Asks back ends on behalf of one balancer. Thread-safe. */
    @FunctionalInterface
    interface Prober extends AutoCloseable {
        /**
         * Asks once, on a thread of probes, which may wait for a while. The balancer interrupts a call that is late, and
         * puts no other question to the same back end before it has returned and its answer is there or cancelled.
         *
         * @return completes with what was found; an exception, or no answer within the timeout, counts as a fail. The
         *     balancer cancels what is late.
         */
        CompletableFuture<ProbeAnswer> probe(Backend backend);

        /** Lets go of what it holds; called once, when the balancer is closed. */
        @Override
        default void close() {}
    }

    /** What is believed of a back end before its probes have said anything. */
    enum Initially {
        /** It is fit until it has failed {@link Timing#fall} probes in a row. */
        UP,
        /** It is unfit until it has passed {@link Timing#rise} probes in a row. */
        DOWN,
        /** It is unfit until its first answer, which decides alone. */
        UNTIL_FIRST
    }

    /**
     * When to ask, how often to believe, and what to believe before. No time is longer than 365 days. Immutable.
     *
     * @param interval from one probe's answer to the next probe while the verdict stands, above 0; 2 s by default
     * @param unsureInterval the same while answers speak against the verdict, or there is none, above 0; 1 s by default
     * @param downInterval the same while the back end is unfit and nothing speaks against it, above 0; 2 s by default
     * @param timeout how long a probe may take, above 0; 2 s by default
     * @param rise passes in a row that make an unfit back end fit, at least 1; 2 by default
     * @param fall fails in a row that make a fit back end unfit, at least 1; 3 by default
     * @param initially what is believed before; {@link Initially#UP} by default
     */
    record Timing(
            Duration interval,
            Duration unsureInterval,
            Duration downInterval,
            Duration timeout,
            int rise,
            int fall,
            Initially initially) {

        /** HAProxy's: every 2 seconds, 2 to rise, 3 to fall; and, other than there, every second when unsure. */
        public static final Timing DEFAULT =
                new Timing(Duration.ofSeconds(2), Duration.ofSeconds(2), 2, 3).whenUnsure(Duration.ofSeconds(1));

        /** Creates a timing from all its parts. */
        public Timing {
            Durations.requirePositive("probe interval", interval);
            Durations.requirePositive("probe interval when unsure", unsureInterval);
            Durations.requirePositive("probe interval when down", downInterval);
            Durations.requirePositive("probe timeout", timeout);
            requireAtLeastOne("rise", rise);
            requireAtLeastOne("fall", fall);
            Objects.requireNonNull(initially, "initially");
        }

        /** Creates a timing with one interval for all cases, that believes back ends fit at first. */
        public Timing(Duration interval, Duration timeout, int rise, int fall) {
            this(interval, interval, interval, timeout, rise, fall, Initially.UP);
        }

        /**
         * A copy with another interval, when down too, which is
         * also the timeout and the one when unsure if these are longer.
         */
        public Timing every(Duration newInterval) {
            return new Timing(
                    newInterval,
                    shorter(unsureInterval, newInterval),
                    newInterval,
                    shorter(timeout, newInterval),
                    rise,
                    fall,
                    initially);
        }

        /** A copy with another {@link #unsureInterval}. */
        public Timing whenUnsure(Duration newInterval) {
            return new Timing(interval, newInterval, downInterval, timeout, rise, fall, initially);
        }

        /** A copy with another {@link #downInterval}. */
        public Timing whenDown(Duration newInterval) {
            return new Timing(interval, unsureInterval, newInterval, timeout, rise, fall, initially);
        }

        /** A copy that believes something else before the first answers. */
        public Timing initially(Initially newInitially) {
            return new Timing(interval, unsureInterval, downInterval, timeout, rise, fall, newInitially);
        }

        private static Duration shorter(Duration one, Duration other) {
            return one.compareTo(other) > 0 ? other : one;
        }

        private static void requireAtLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
            }
        }
    }
}
