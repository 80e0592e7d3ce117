package dev.remora.ratelimit;

import dev.remora.exchange.Usage;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What was taken from a limiter for one request, before anybody knew how much that one uses. Made by
 * {@link RateLimiter#reserve}. It is corrected as the request goes on, and for the last time by one of {@link #settle},
 * {@link #settleSeen} and {@link #cancel}; what comes after that changes nothing. One that is never settled, because the
 * process died, stays taken as it was: the pace of the limit makes up for it. Thread-safe; no method blocks.
 */
public final class Reservation {

    private final RateLimiter limiter;
    private final String key;
    private final Usage estimate;
    private final Decision decision;
    private final ReentrantLock lock = new ReentrantLock();

    // All under the lock.
    private Usage taken;
    private Usage seen = Usage.NONE;
    private boolean exhausted;
    private boolean over;

    Reservation(RateLimiter limiter, String key, Usage estimate, Decision decision) {
        this.limiter = Objects.requireNonNull(limiter);
        this.key = Objects.requireNonNull(key);
        this.estimate = Objects.requireNonNull(estimate);
        this.decision = Objects.requireNonNull(decision);
        this.taken = estimate;
        this.over = !decision.allowed();
    }

    /** What the limiter said; when it denies, nothing is taken and the rest of this does nothing. */
    public Decision decision() {
        return decision;
    }

    /** What was taken in the beginning. */
    public Usage estimate() {
        return estimate;
    }

    /**
     * The request has used up more. What goes beyond the estimate is taken at once, if it is there, and else charged.
     *
     * @return whether it was there
     */
    public boolean add(Usage more) {
        lock.lock();
        try {
            return over || seen(seen.plus(more));
        } finally {
            lock.unlock();
        }
    }

    /**
     * The request has used up so much all in all, as far as is known. What goes beyond the estimate is taken at once, if it is
     * there, and else charged.
     *
     * @return whether it was there, this time and before
     */
    public boolean used(Usage soFar) {
        lock.lock();
        try {
            return over || seen(soFar);
        } finally {
            lock.unlock();
        }
    }

    private boolean seen(Usage soFar) {
        seen = soFar;
        Usage missing = missing(soFar, taken);
        if (!missing.equals(Usage.NONE)) {
            taken = taken.plus(missing);
            exhausted = exhausted || (isCounted(missing) && !limiter.tryAcquire(key, missing));
            if (exhausted) {
                limiter.charge(key, missing);
            }
        }
        return !exhausted;
    }

    private boolean isCounted(Usage usage) {
        return limiter.limits().stream().anyMatch(limit -> limit.unit().of(usage) > 0);
    }

    /** The request has ended and has used exactly so much: the rest is given back, what is missing is charged. */
    public void settle(Usage actual) {
        lock.lock();
        try {
            end(actual);
        } finally {
            lock.unlock();
        }
    }

    /** The request has ended, and nobody knows more than what was seen of it. */
    public void settleSeen() {
        lock.lock();
        try {
            end(seen);
        } finally {
            lock.unlock();
        }
    }

    /** The request came to nothing: all is given back. */
    public void cancel() {
        settle(Usage.NONE);
    }

    private void end(Usage actual) {
        if (over) {
            return;
        }
        over = true;
        Usage missing = missing(actual, taken);
        Usage spare = missing(taken, actual);
        if (!missing.equals(Usage.NONE)) {
            limiter.charge(key, missing);
        }
        if (!spare.equals(Usage.NONE)) {
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
