package dev.remora.ratelimit;

import dev.remora.exchange.Usage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Lets so much pass for each key: every key has buckets of its own, one for each {@link Limit}. A request is checked against
 * all of them, and passes all or none. Thread-safe; no method blocks.
 *
 * <p>A usage must ask for something that a limit counts; what no limit counts is ignored. Keys may be of any length: a long one
 * is kept as a digest.
 */
public interface RateLimiter {

    /**
     * Limits of this process alone.
     *
     * @throws IllegalArgumentException if there is none, or two have the same name
     */
    static LocalRateLimiterBuilder local(Limit... limits) {
        return new LocalRateLimiterBuilder(limits);
    }

    /** The limits, which are the same for all keys. */
    List<Limit> limits();

    /** Whether some limit counts what a usage asks for. */
    default boolean counts(Usage usage) {
        // Without an iterator: it is asked for every request.
        for (int i = 0; i < limits().size(); i++) {
            if (limits().get(i).unit().of(usage) > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes as much as a usage says, if it is there.
     *
     * @return whether it was
     * @throws IllegalArgumentException if the usage asks for nothing that is counted
     */
    boolean tryAcquire(String key, Usage usage);

    /** As {@link #tryAcquire}, and says more, which costs more. */
    Decision decide(String key, Usage usage);

    /**
     * As {@link #decide}, for callers that can wait: the stage completes later when a shared store must be asked, within the
     * deadline of that one; on whichever thread brings the answer. It never fails.
     */
    default CompletionStage<Decision> acquire(String key, Usage usage) {
        return CompletableFuture.completedFuture(decide(key, usage));
    }

    /** What there is now; takes nothing. Allowed means: the smallest amount would pass. */
    Decision peek(String key);

    /**
     * Takes as much as a usage says, whether it is there or not: what is missing is owed, up to each limit's
     * {@linkplain Limit#maxDebt debt}, and nothing passes until it is paid back.
     */
    void charge(String key, Usage usage);

    /**
     * Gives back what was taken and not used. A bucket never holds more than its burst. But one that has become full meanwhile
     * does not remember that: what others have just taken of it is there again, up to what is given back. Nothing is given
     * back for a key that is not known and shares its buckets with others.
     */
    void refund(String key, Usage usage);

    /**
     * Takes an estimate now, to be corrected while the request runs and when it ends.
     *
     * @param estimate as much as the request will use, as far as anybody can say
     */
    default Reservation reserve(String key, Usage estimate) {
        return new Reservation(this, key, estimate, decide(key, estimate));
    }

    /** As {@link #reserve}, for callers that can wait, as {@link #acquire} does. */
    default CompletionStage<Reservation> reserveLater(String key, Usage estimate) {
        return acquire(key, estimate).thenApply(decision -> new Reservation(this, key, estimate, decision));
    }
}
