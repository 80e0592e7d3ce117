package dev.remora.benchmarks;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import dev.remora.redis.Redis;
import dev.remora.redis.RedisServer;
import dev.remora.redis.RedisVersion;
import dev.remora.redis.SessionStats;
import dev.remora.session.Retention;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * What it costs that sessions are in use on four gateways at once: 1,000 sessions that all of them know, touched 10,000
 * times a second.
 *
 * @param idle how long a session is remembered that nobody touches; the shorter, the more often Redis must be told
 * @param questions of which Redis was told that a session is in use
 * @param invalidations that it sent to the gateways
 * @param forgotten sessions that Redis did not know at the end
 */
record TouchRound(Duration idle, long touches, long questions, long invalidations, long forgotten) {

    static final int SESSIONS = 1_000;
    static final int RATE = 10_000;

    private static final int BURST = 10;
    private static final long SEED = 20_261_125;

    /** Touches them for that time, on a server of their own. */
    static TouchRound run(RedisVersion version, Duration idle, Duration time) {
        try (RedisServer redis = RedisServer.start(version);
                SharedGateways gateways = new SharedGateways(Redis.at(redis.uri()), Retention.idle(idle))) {
            AffinityKey[] keys = bindAll(gateways);
            long questions = gateways.sum(SessionStats::touches);
            long invalidations = gateways.sum(SessionStats::invalidations);
            long touches = touch(gateways, keys, time);
            return new TouchRound(
                    idle,
                    touches,
                    gateways.sum(SessionStats::touches) - questions,
                    gateways.sum(SessionStats::invalidations) - invalidations,
                    forgotten(redis));
        }
    }

    private static AffinityKey[] bindAll(SharedGateways gateways) {
        AffinityKey[] keys = IntStream.range(0, SESSIONS)
                .mapToObj(i -> AffinityKey.of("touched-" + i))
                .toArray(AffinityKey[]::new);
        for (int gateway = 0; gateway < SharedGateways.COUNT; gateway++) {
            for (AffinityKey key : keys) {
                gateways.map(gateway)
                        .bind(key, new BackendId("backend"))
                        .toCompletableFuture()
                        .join();
            }
        }
        return keys;
    }

    private static long touch(SharedGateways gateways, AffinityKey[] keys, Duration time) {
        SplittableRandom random = new SplittableRandom(SEED);
        long touches = time.toMillis() * RATE / 1_000;
        long due = System.nanoTime();
        for (long i = 1; i <= touches; i++) {
            gateways.map(random.nextInt(SharedGateways.COUNT)).touch(keys[random.nextInt(SESSIONS)]);
            if (i % BURST == 0) {
                due += TimeUnit.SECONDS.toNanos(BURST) / RATE;
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
        return touches;
    }

    private static long forgotten(RedisServer redis) {
        return SESSIONS - Long.parseLong(String.valueOf(redis.command("DBSIZE")));
    }
}
