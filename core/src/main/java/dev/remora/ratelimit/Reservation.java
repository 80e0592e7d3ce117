package dev.remora.ratelimit;

import dev.remora.exchange.Usage;
import java.util.Objects;
import java.util.Optional;

/**
 * What was taken from a limiter for one request, before anybody knew how much that one uses. Made by
 * {@link RateLimiter#reserve}. It is corrected as the request goes on, and for the last time by one of {@link #settle},
 * {@link #settleSeen} and {@link #cancel}; what comes after that changes nothing. One that is never settled, because the
 * process died, stays taken as it was: the pace of the limit makes up for it. Thread-safe; no method blocks.
 */
public final class Reservation {

    private final RateLimiter limiter;
    private final String key;
    private final Decision decision;
    private volatile boolean exhausted;

    private volatile Usage estimate;

    // Under the monitor, in which the limiter is not called: it may call others.
    private Usage taken;
    private Usage seen = Usage.NONE;
    private boolean over;

    Reservation(RateLimiter limiter, String key, Usage estimate, Decision decision) {
        this.limiter = Objects.requireNonNull(limiter);
        this.key = Objects.requireNonNull(key);
        this.decision = Objects.requireNonNull(decision);
        this.estimate = Objects.requireNonNull(estimate);
        this.taken = estimate;
        this.over = !decision.allowed();
    }

    /** What the limiter said; when it denies, nothing is taken and the rest of this does nothing. */
    public Decision decision() {
        return decision;
    }

    /** What was taken in the beginning, as it was revised. */
    public Usage estimate() {
        return estimate;
    }

    /**
     * More is known of the request before it begins: what is less is given back, what is more is taken, if it is there.
     *
     * @return the denial if it was not, and then nothing is changed; else the decision from the beginning
     */
    public Decision revise(Usage newEstimate) {
        Usage missing = lacking(newEstimate);
        if (limiter.counts(missing)) {
            Decision more = limiter.decide(key, missing);
            if (!more.allowed()) {
                return more;
            }
        }
        Usage spare = hold(missing, newEstimate);
        if (limiter.counts(spare)) {
            limiter.refund(key, spare);
        }
        return decision;
    }

    private synchronized Usage lacking(Usage newEstimate) {
        return over ? Usage.NONE : missing(newEstimate, taken);
    }

    /** More was taken; returns what of all that is not needed. What was seen already is. */
    private synchronized Usage hold(Usage more, Usage newEstimate) {
        if (over) {
            return more;
        }
        Usage held = taken.plus(more);
        estimate = newEstimate;
        taken = seen.plus(missing(newEstimate, seen));
        return missing(held, taken);
    }

    /**
     * The request has used up more. What goes beyond the estimate is taken at once, if it is there, and else charged.
     *
     * @return whether it was there
     */
    public boolean add(Usage more) {
        return take(see(Optional.of(more), Optional.empty()));
    }

    /**
     * The request has used up so much all in all, as far as is known. What goes beyond the estimate is taken at once, if it is
     * there, and else charged.
     *
     * @return whether it was there, this time and before
     */
    public boolean used(Usage soFar) {
        return take(see(Optional.empty(), Optional.of(soFar)));
    }

    /** What is missing of what was seen; it counts as taken from now on. */
    private synchronized Usage see(Optional<Usage> more, Optional<Usage> soFar) {
        if (over) {
            return Usage.NONE;
        }
        seen = soFar.orElse(seen).plus(more.orElse(Usage.NONE));
        Usage missing = missing(seen, taken);
        taken = taken.plus(missing);
        return missing;
    }

    private boolean take(Usage missing) {
        if (limiter.counts(missing) && (exhausted || !limiter.tryAcquire(key, missing))) {
            exhausted = true;
            limiter.charge(key, missing);
        }
        return !exhausted;
    }

    /** The request has ended and has used exactly so much: the rest is given back, what is missing is charged. */
    public void settle(Usage actual) {
        end(Optional.of(actual));
    }

    /** The request has ended, and nobody knows more than what was seen of it. */
    public void settleSeen() {
        end(Optional.empty());
    }

    /** The request came to nothing: all is given back. */
    public void cancel() {
        settle(Usage.NONE);
    }

    private void end(Optional<Usage> known) {
        Usage actual;
        Usage held;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            actual = known.orElse(seen);
            held = taken;
        }
        Usage missing = missing(actual, held);
        Usage spare = missing(held, actual);
        if (limiter.counts(missing)) {
            limiter.charge(key, missing);
        }
        if (limiter.counts(spare)) {
            limiter.refund(key, spare);
        }
    }

    private static Usage missing(Usage wanted, Usage held) {
        return new Usage(
                Math.max(0, wanted.requests() - held.requests()),
                Math.max(0, wanted.inputTokens() - held.inputTokens()),
                Math.max(0, wanted.outputTokens() - held.outputTokens()));
    }
}
