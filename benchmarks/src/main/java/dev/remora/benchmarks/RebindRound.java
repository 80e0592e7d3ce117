package dev.remora.benchmarks;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import dev.remora.redis.Redis;
import dev.remora.redis.RedisServer;
import dev.remora.redis.RedisSessionMap;
import dev.remora.redis.RedisVersion;
import dev.remora.session.Binding;
import dev.remora.session.Retention;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * How long a change on one gateway takes, in nanoseconds from the call, while nothing else happens.
 *
 * @param answered until Redis has said that it is done
 * @param seen until none of the three others, which all knew the session, tells the old back end any more
 */
record RebindRound(Histogram answered, Histogram seen) {

    private static final AffinityKey KEY = AffinityKey.of("rebound");
    private static final int WARM_UP_PART = 2;

    /** So many changes on a server of their own, after half as many that do not count. */
    static RebindRound run(RedisVersion version, int rebinds) {
        RebindRound round = new RebindRound(new Histogram(3), new Histogram(3));
        try (RedisServer redis = RedisServer.start(version);
                SharedGateways gateways =
                        new SharedGateways(Redis.at(redis.uri()), Retention.idle(Duration.ofMinutes(30)))) {
            for (int i = -rebinds / WARM_UP_PART; i < rebinds; i++) {
                if (i == 0) {
                    round.answered.reset();
                    round.seen.reset();
                }
                round.rebind(
                        gateways, Math.floorMod(i, SharedGateways.COUNT), new BackendId("backend-" + (rebinds + i)));
            }
        }
        return round;
    }

    private void rebind(SharedGateways gateways, int gateway, BackendId next) {
        Binding before = known(gateways, next);
        long start = System.nanoTime();
        gateways.map(gateway)
                .rebind(KEY, before.fence(), next)
                .whenComplete((binding, failure) -> answered.recordValue(System.nanoTime() - start))
                .toCompletableFuture()
                .join();
        for (int i = 0; i < SharedGateways.COUNT; i++) {
            RedisSessionMap map = gateways.map(i);
            while (map.peek(KEY).filter(before::equals).isPresent()) {
                Thread.onSpinWait();
            }
        }
        seen.recordValue(System.nanoTime() - start);
    }

    /** The binding that all gateways know and tell. */
    private static Binding known(SharedGateways gateways, BackendId first) {
        for (int i = 0; i < SharedGateways.COUNT; i++) {
            RedisSessionMap map = gateways.map(i);
            Patience.until(
                    "an answer of Redis",
                    () -> map.peek(KEY).isPresent()
                            || map.bind(KEY, first).toCompletableFuture().join().isPresent());
        }
        return gateways.map(0).peek(KEY).orElseThrow();
    }
}
