/**
 * What do several gateways remember together? Sessions and limits that are shared through Redis 6.2 or later: one server,
 * Sentinel, or Cluster.
 *
 * <p>Start with {@link dev.remora.redis.RedisSessionMap} and {@link dev.remora.redis.RedisRateLimiter}. This package alone needs Lettuce ({@code io.lettuce:lettuce-core}),
 * which is an optional dependency. No request ever waits for Redis beyond a deadline, and none fails because of it.
 */
@NullMarked
package dev.remora.redis;

import org.jspecify.annotations.NullMarked;
