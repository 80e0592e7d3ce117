/**
 * How much may pass?
 *
 * <p>Start with {@link dev.remora.ratelimit.RateLimiter}.
 */
@NullMarked
package dev.remora.ratelimit;

import org.jspecify.annotations.NullMarked;
