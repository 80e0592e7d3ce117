package dev.remora;

import java.time.Duration;
import java.util.Objects;

/**
 * How requests wait when all that keeps them from a back end is that it has as many streams as it may.
 *
 * <p>There is one queue for each back end, for the clients that are bound to it, and one for the pool, for everybody who
 * may go anywhere. Each is first come, first served: nobody who comes later gets a place that one in a queue waits for.
 * Only a request that is being tried again goes first, since it was let in before them; it does not wait. Who waits
 * longer than the patience, or finds its queue full, gets what it would have got without waiting: a bound client the
 * {@linkplain dev.remora.affinity.StickyFallback fallback}, anybody else the refusal {@link Refusal.Reason#SATURATED}.
 * Who waits for a back end that becomes unfit or is removed moves on at once.
 *
 * @param perBackend the most requests that wait for one back end, 0 (then bound clients do not wait for their own) or more
 * @param inPool the most requests that wait for any back end, 0 (then none does) or more
 * @param patience the longest time that one request waits, in both queues together, above 0
 */
public record Waiting(int perBackend, int inPool, Duration patience) {

    private static final Duration LONGEST = Duration.ofDays(1);

    /** Creates a setting from all its parts; {@link #upTo} is the short way. */
    public Waiting {
        Objects.requireNonNull(patience, "patience");
        if (perBackend < 0) {
            throw new IllegalArgumentException("perBackend: " + perBackend + " (expected: >= 0)");
        }
        if (inPool < 0) {
            throw new IllegalArgumentException("inPool: " + inPool + " (expected: >= 0)");
        }
        if (patience.isNegative() || patience.isZero() || patience.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("patience: " + patience + " (expected: > 0, at most a day)");
        }
    }

    /** Nobody waits. */
    public static Waiting none() {
        return upTo(0, 0);
    }

    /**
     * So many requests wait for each back end, and so many for the pool, for at most 5 seconds.
     *
     * @param perBackend 0 or more
     * @param inPool 0 or more
     */
    public static Waiting upTo(int perBackend, int inPool) {
        return new Waiting(perBackend, inPool, Duration.ofSeconds(5));
    }

    /** The same with another {@link #patience}. */
    public Waiting atMost(Duration newPatience) {
        return new Waiting(perBackend, inPool, newPatience);
    }
}
