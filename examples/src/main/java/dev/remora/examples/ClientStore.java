package dev.remora.examples;

import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.redis.Redis;
import dev.remora.redis.RedisRateLimiter;
import dev.remora.redis.RedisSessionMap;
import dev.remora.session.SessionMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the gateways of this process know of their clients, and what these have used up: each in its memory, or together in a Redis. */
final class ClientStore implements AutoCloseable {

    private final Stickiness sticky;
    private final Optional<Redis> redis;
    private final Optional<LocalRedis> own;
    private final List<Runnable> shared = new CopyOnWriteArrayList<>();

    private ClientStore(Stickiness sticky, Optional<Redis> redis, Optional<LocalRedis> own) {
        this.sticky = sticky;
        this.redis = redis;
        this.own = own;
    }

    /** For one gateway. */
    static ClientStore inMemory(Stickiness sticky) {
        return new ClientStore(sticky, Optional.empty(), Optional.empty());
    }

    /**
     * Starts a Redis when several gateways need one and none is named.
     *
     * @param limited whether clients have limits
     */
    static ClientStore open(Stickiness sticky, SharingFlags sharing, boolean limited) throws CommandFailed {
        Optional<Redis> named = sharing.redis();
        if (named.isPresent()) {
            return new ClientStore(sticky, named, Optional.empty());
        }
        if (sharing.gateways() == 1 || !(sticky.remembers() || limited)) {
            return inMemory(sticky);
        }
        LocalRedis own = LocalRedis.start();
        return new ClientStore(sticky, Optional.of(Redis.at(own.uri())), Optional.of(own));
    }

    /** What it is that ties clients, here or by a cookie. */
    Stickiness sticky() {
        return sticky;
    }

    /** For one more gateway; nothing when no client is remembered. */
    Optional<SessionMap> newMap() {
        return sticky.remembers()
                ? Optional.of(redis.map(this::newShared).orElseGet(sticky::newLocalMap))
                : Optional.empty();
    }

    private SessionMap newShared(Redis where) {
        RedisSessionMap map = sticky.newMap(where);
        shared.add(map::close);
        return map;
    }

    /** For one more gateway. */
    RateLimiter newLimiter(Limit limit) {
        if (redis.isEmpty()) {
            return RateLimiter.local(limit).build();
        }
        RedisRateLimiter limiter = RedisRateLimiter.builder(redis.get(), limit).build();
        shared.add(limiter::close);
        return limiter;
    }

    /** Where clients are remembered together, if they are; without a password. */
    Optional<String> place() {
        return own.map(started -> "a Redis of its own, " + started.uri()).or(() -> redis.map(Redis::toString));
    }

    /** After the balancers that use the maps. */
    @Override
    public void close() {
        shared.forEach(Runnable::run);
        own.ifPresent(LocalRedis::close);
    }
}
