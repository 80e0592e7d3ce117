package dev.remora.ratelimit;

import dev.remora.http.HeaderEdits;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a client is told of limits, as the header fields {@code RateLimit-Policy} and {@code RateLimit} (IETF
 * draft-ietf-httpapi-ratelimit-headers-10). They stand in heads only, so of an answer that streams they tell what was reserved.
 */
public final class RateLimitFields {

    // RFC 9651, section 3.3.1.
    private static final long LARGEST_INTEGER = 999_999_999_999_999L;

    private RateLimitFields() {}

    /** The fields for what a limiter has decided: all its limits, and what is left of the one that decides. */
    public static HeaderEdits of(List<Limit> limits, Decision decision) {
        String policy = limits.stream()
                .filter(limit -> !limit.shadow())
                .map(RateLimitFields::policy)
                .collect(Collectors.joining(", "));
        return decision.limit().shadow()
                ? HeaderEdits.none()
                : HeaderEdits.all(
                        HeaderEdits.add("RateLimit-Policy", policy), HeaderEdits.add("RateLimit", left(decision)));
    }

    // The window is a whole number of seconds: a shorter period is told as what passes in a second.
    private static String policy(Limit limit) {
        long window = seconds(limit.per());
        long quota = quota(limit);
        String unit = limit.unit() == Unit.REQUESTS ? "" : ";qu=\"remora-" + limit.unit() + '"';
        return '"' + limit.name() + "\";q=" + quota + unit + ";w=" + window;
    }

    private static long quota(Limit limit) {
        Duration window = Duration.ofSeconds(seconds(limit.per()));
        double quota = (double) limit.amount() * window.toNanos() / limit.per().toNanos();
        return (long) Math.min(quota, LARGEST_INTEGER);
    }

    // Never more than the quota: a larger burst would promise a pace that nobody can keep up.
    private static String left(Decision decision) {
        Limit limit = decision.limit();
        if (decision.allowed()) {
            return item(limit, Math.min(decision.remaining(), quota(limit)), decision.resetAfter());
        }
        return item(limit, 0, decision.retryAfter().orElse(decision.resetAfter()));
    }

    private static String item(Limit limit, long remaining, Duration time) {
        return '"' + limit.name() + "\";r=" + remaining + ";t=" + seconds(time);
    }

    private static long seconds(Duration time) {
        return Math.max(1, time.plusNanos(999_999_999).toSeconds());
    }
}
