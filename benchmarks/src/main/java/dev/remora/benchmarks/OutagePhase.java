package dev.remora.benchmarks;

import java.util.OptionalLong;

/**
 * The result of one phase of {@link RedisOutage}.
 *
 * @param shortcuts requests that would have asked Redis, but did not wait
 * @param reachedNanos how long after the return of Redis all gateways had reached it, if it returned
 * @param agreedNanos how long after it they told the same back end for every session
 */
record OutagePhase(String name, Tally tally, long shortcuts, OptionalLong reachedNanos, OptionalLong agreedNanos) {}
