package dev.remora.ratelimit;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a limiter says to one request.
 *
 * @param allowed whether it may pass
 * @param limit the limit that decides: the one that denies for the longest time, or else the one with the smallest share left
 * @param remaining how much of that limit's unit may pass now, at least 0
 * @param retryAfter when asking for as much again makes sense; zero when it is allowed, nothing when it never is, because more
 *     is asked for than the limit ever holds
 * @param resetAfter when that limit is as full as can be, if nothing passes meanwhile
 * @param source who knows
 */
public record Decision(
        boolean allowed,
        Limit limit,
        long remaining,
        Optional<Duration> retryAfter,
        Duration resetAfter,
        Source source) {

    /** Creates a decision. */
    public Decision {
        Objects.requireNonNull(limit, "limit");
        Objects.requireNonNull(retryAfter, "retryAfter");
        Objects.requireNonNull(resetAfter, "resetAfter");
        Objects.requireNonNull(source, "source");
    }

    /** Who knows whether a request may pass. */
    public enum Source {
        /** A limiter of this process alone. */
        LOCAL,
        /** What was fetched from the shared store before: a share to spend, or a denial that still holds. */
        LEASE,
        /** The shared store, just asked. */
        REDIS,
        /** This process alone, because the shared store is out of reach or has not been asked yet. */
        DEGRADED
    }
}
