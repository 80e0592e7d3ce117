package dev.remora.examples;

import dev.remora.LoadBalancerBuilder;
import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyFallback;
import dev.remora.redis.Redis;
import dev.remora.redis.RedisSessionMap;
import dev.remora.session.SessionMap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What ties clients to back ends, the same at every gateway. Immutable.
 *
 * @param keyIsRandom whether cookies are signed with a key that ends with this process
 * @param hashes whether the strategy hashes a key: then it sticks by itself
 * @param sessionIdle how long a silent client is remembered, if clients are
 * @param maxSessions how many are remembered by each gateway
 */
record Stickiness(
        StickyNames names,
        Optional<StickyCookie> cookie,
        boolean keyIsRandom,
        StickyFallback fallback,
        boolean hashes,
        Duration sessionIdle,
        long maxSessions) {

    static final Duration DEFAULT_SESSION_IDLE = Duration.ofMinutes(30);
    static final long DEFAULT_MAX_SESSIONS = 100_000;

    /** A cookie, and nothing else. */
    static Stickiness byCookie(StickyCookie cookie) {
        return new Stickiness(
                new StickyNames(List.of(StickyNames.COOKIE)),
                Optional.of(cookie),
                true,
                StickyFallback.REBIND,
                false,
                DEFAULT_SESSION_IDLE,
                DEFAULT_MAX_SESSIONS);
    }

    /** Whether clients are remembered. */
    boolean remembers() {
        return names.keyed() && !hashes;
    }

    /** All but the session map. */
    void applyTo(LoadBalancerBuilder builder) {
        builder.stickyFallback(fallback);
        cookie.ifPresent(builder::stickyCookie);
        if (names.keyed() || hashes) {
            builder.affinity(names.rule());
        }
    }

    SessionMap newLocalMap() {
        return SessionMap.local(maxSessions, sessionIdle);
    }

    RedisSessionMap newMap(Redis redis) {
        return RedisSessionMap.builder(redis)
                .idle(sessionIdle)
                .maxEntries(maxSessions)
                .build();
    }
}
