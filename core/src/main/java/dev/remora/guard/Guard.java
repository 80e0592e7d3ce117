package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.ratelimit.RateLimiter;
import java.util.Objects;
import java.util.Set;

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

    /** Only clients whose address, behind trusted proxies, is in the set; others get 403. */
    static Guard allowAddresses(AddressSet set) {
        return new AddressGuard(set, true);
    }

    /** No client whose address, behind trusted proxies, is in the set: it gets 403. */
    static Guard denyAddresses(AddressSet set) {
        return new AddressGuard(set, false);
    }

    /** As {@link #apiKeys(ApiKeys, String)} with the header {@code X-Api-Key}. */
    static Guard apiKeys(ApiKeys keys) {
        return apiKeys(keys, "x-api-key");
    }

    /**
     * Only who shows a key, as the token of a bearer (RFC 6750) or in a header of its own, and not two that differ. Others
     * get 401, or 400. The guards behind know the {@link Caller}, and the key does not go on to the back end. A key that can be
     * shown has 1 to 512 visible ASCII characters. Credentials in {@code Authorization} that are no bearer's are none here, and
     * go on.
     *
     * @param header the name of that header
     */
    static Guard apiKeys(ApiKeys keys, String header) {
        return new ApiKeyGuard(keys, header);
    }

    /**
     * Only requests with one of these methods; others get 405.
     *
     * @param allowed as they are sent, in upper case mostly; at least one
     */
    static Guard methods(Set<String> allowed) {
        return new MethodGuard(allowed);
    }

    /**
     * Only paths below one of these; others get 404. {@code /v1} has {@code /v1} and {@code /v1/chat} below it, and not {@code /v1beta}.
     * Paths are compared decoded and with regard to case. A path that servers do not all read alike gets 400: see
     * {@link dev.remora.http.Paths#unambiguousSegments}.
     *
     * @param prefixes decoded, each with a slash in front; at least one
     */
    static Guard allowPaths(String... prefixes) {
        return new PathGuard(true, prefixes);
    }

    /** No path below one of these: it gets 403. The rest is as with {@link #allowPaths}. */
    static Guard denyPaths(String... prefixes) {
        return new PathGuard(false, prefixes);
    }

    /**
     * No request that says it has a longer body; it gets 413. One that does not say so, in chunks or over HTTP/2, passes: its
     * length is the adapter's to watch.
     *
     * @param bytes at least 0
     */
    static Guard maxBody(long bytes) {
        return new BodyGuard(bytes);
    }

    /**
     * No longer request target, path and query; it gets 414.
     *
     * @param chars at least 1
     */
    static Guard maxTarget(int chars) {
        return new TargetGuard(chars);
    }

    /**
     * No longer headers, names and values of all together; it gets 431. What an adapter or container refuses by itself does
     * not come so far.
     *
     * @param chars at least 1
     */
    static Guard maxHeaders(int chars) {
        return new HeadersGuard(chars);
    }
}
