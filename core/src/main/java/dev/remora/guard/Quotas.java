package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.ratelimit.Decision;
import dev.remora.ratelimit.RateLimitFields;
import dev.remora.ratelimit.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What clients are told of their quotas. */
final class Quotas {

    private static final String TYPES = "https://iana.org/assignments/http-problem-types#";

    private Quotas() {}

    static HeaderEdits fields(RateLimiter limiter, Decision decision) {
        return RateLimitFields.of(limiter.limits(), decision);
    }

    /** The client has had its share: 429. */
    static Admission.Denied denied(Decision denial, HeaderEdits fields) {
        boolean never = denial.retryAfter().isEmpty();
        String why = never ? "This request asks for more than is ever allowed at once." : "";
        return new Admission.Denied(
                problem(why, denial.retryAfter(), denial.limit().name()), fields);
    }

    /** The client has had its share of what no limiter counts: 429. */
    static Admission exceeded(String why, Duration retryAfter, String policy) {
        return Admission.denied(problem(why, Optional.of(retryAfter), policy));
    }

    private static Problem problem(String why, Optional<Duration> retryAfter, String policy) {
        return new Problem(TYPES + "quota-exceeded", 429, "Quota exceeded", why, retryAfter, List.of(policy));
    }

    /** The gateway has no room, whoever asks: 503. */
    static Admission shed(String why, Duration retryAfter) {
        return Admission.denied(new Problem(
                TYPES + "temporary-reduced-capacity",
                503,
                "Temporarily reduced capacity",
                why,
                Optional.of(retryAfter),
                List.of()));
    }
}
