package dev.remora.health;

import dev.remora.pool.Backend;
import java.time.Duration;
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
     * @param executor runs what blocks; never a thread of requests
     */
    Prober prober(Executor executor);

    /** How often it asks, and how many answers in a row change its mind. */
    Timing timing();

    /** The same probe with another timing. */
    HealthProbe with(Timing timing);

    /** Passes when a TCP connection can be made. */
    static HealthProbe tcp() {
        return new TcpProbe(Timing.DEFAULT);
    }

    /**
     * Passes when {@code GET path} is answered with a status of 200 to 399 in time.
     *
     * @param path begins with a slash, for example {@code /healthz}
     */
    static HealthProbe http(String path) {
        return new HttpProbe(path, Timing.DEFAULT);
    }

    /** Asks back ends on behalf of one balancer. Thread-safe. */
    @FunctionalInterface
    interface Prober {
        /**
         * Asks once.
         *
         * @return completes with whether the back end passed; an exception, or no answer within the timeout, counts as a
         *     fail. The balancer cancels what is late.
         */
        CompletableFuture<Boolean> probe(Backend backend);
    }

    /**
     * When to ask and how often to believe.
     *
     * @param interval from one probe to the next, above 0; 2 s by default
     * @param timeout how long a probe may take, above 0; 2 s by default
     * @param rise passes in a row that make an unfit back end fit, at least 1; 2 by default
     * @param fall fails in a row that make a fit back end unfit, at least 1; 3 by default
     */
    record Timing(Duration interval, Duration timeout, int rise, int fall) {

        /** HAProxy's: every 2 seconds, 2 to rise, 3 to fall. */
        public static final Timing DEFAULT = new Timing(Duration.ofSeconds(2), Duration.ofSeconds(2), 2, 3);

        /** Creates a timing. */
        public Timing {
            requirePositive("probe interval", interval);
            requirePositive("probe timeout", timeout);
            requireAtLeastOne("rise", rise);
            requireAtLeastOne("fall", fall);
        }

        /** A copy with another interval, which is also the timeout if that is longer. */
        public Timing every(Duration newInterval) {
            Duration newTimeout = timeout.compareTo(newInterval) > 0 ? newInterval : timeout;
            return new Timing(newInterval, newTimeout, rise, fall);
        }

        private static void requirePositive(String name, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
            }
        }

        private static void requireAtLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
            }
        }
    }
}
