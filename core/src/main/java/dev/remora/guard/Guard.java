package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.ratelimit.RateLimiter;
import java.util.Objects;

/**
 * Decides whether a request may enter, before a back end is chosen. Guards run once for each request, in the order of
 * the builder, and not again when the request is retried. Thread-safe; does not block.
 */
@FunctionalInterface
public interface Guard {

    /**
     * Decides on one request.
     *
     * @param request read during this call only
     * @param visitor who asks
     */
    Admission admit(RequestView request, Visitor visitor);

    /**
     * At most so many streams open at once through this balancer; a stream holds its place until it ends. Others get 503.
     *
     * @param max at least 1
     */
    static Guard openStreams(int max) {
        return new OpenStreamsGuard(max);
    }

    /**
     * At most so many streams open at once for each key through this balancer; a stream holds its place until it ends, as
     * with nginx's {@code limit_conn}. Others get 429.
     *
     * @param max at least 1
     */
    static Guard openStreams(LimitKey key, int max) {
        return new KeyedStreamsGuard(Objects.requireNonNull(key), max);
    }

    /**
     * So many requests for each key. Answers carry {@code RateLimit} fields; who has had its share gets 429 with
     * {@code Retry-After}.
     *
     * @param limiter its limits count {@link dev.remora.ratelimit.Unit#REQUESTS}
     */
    static Guard rate(LimitKey key, RateLimiter limiter) {
        return new RateGuard(Objects.requireNonNull(key), Objects.requireNonNull(limiter));
    }

    /** So many requests for each key, as nginx counts and delays them. */
    static Guard limitReq(LimitKey key, NginxLimitReq rule) {
        return rule.guard(Objects.requireNonNull(key));
    }

    /** So many tokens of a language model for each key, as {@link #rate} does for requests. */
    static Guard tokens(LimitKey key, TokenBudget budget) {
        return new TokenGuard(Objects.requireNonNull(key), Objects.requireNonNull(budget));
    }

    /** A guard for the callers of one plan alone; the others pass. */
    static Guard forPlan(String plan, Guard guard) {
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(guard, "guard");
        return (request, visitor) ->
                visitor.caller().filter(caller -> caller.plan().equals(plan)).isPresent()
                        ? guard.admit(request, visitor)
                        : Admission.admitted();
    }
}
