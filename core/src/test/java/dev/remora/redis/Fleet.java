package dev.remora.redis;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.SessionListener;
import dev.remora.wire.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Four gateways on one Redis, and clients that hop between them. What they are given is noted: who was refused, who waits,
 * and how often a session moved to another back end.
 */
final class Fleet implements AutoCloseable, SessionListener {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final int MOST_WAITING = 64;

    private static final int BURST = 10;
    private static final String KNOWN = "session-";

    final List<RedisSessionMap> maps;
    final LongAdder failed = new LongAdder();
    final LongAdder served = new LongAdder();
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger mostOpen = new AtomicInteger();
    final LongAdder moves = new LongAdder();
    final LongAdder movesOfKnown = new LongAdder();
    final LongAdder toldLost = new LongAdder();
    final LongAdder transitions = new LongAdder();

    private final List<LoadBalancer> balancers;
    private final Map<String, BackendId> last = new ConcurrentHashMap<>();

    private Fleet(Redis redis, UnaryOperator<RedisSessionMap.Builder> tuning) {
        maps = IntStream.range(0, 4)
                .mapToObj(i -> tuning.apply(RedisSessionMap.builder(redis).listener(this))
                        .build())
                .toList();
        balancers = maps.stream()
                .map(map -> LoadBalancer.builder()
                        .backends(IntStream.range(0, 5)
                                .mapToObj(i -> Backend.of("b" + i, "http://127.0.0.1:900" + i))
                                .toArray(Backend[]::new))
                        .affinity(AffinityRule.header("X-Session-Id"))
                        .sessions(map)
                        .build())
                .toList();
    }

    /** Gateways that reach Redis. They are patient, so that a slow machine is no slow Redis, unless they are told otherwise. */
    static Fleet on(Redis redis, UnaryOperator<RedisSessionMap.Builder> tuning) {
        Fleet fleet = new Fleet(redis, tuning);
        fleet.awaitReachable();
        return fleet;
    }

    void awaitReachable() {
        Eventually.holds(
                "all gateways reach Redis", PATIENCE, () -> maps.stream().allMatch(RedisSessionMap::reachable));
    }

    @Override
    public void bindingLost(AffinityKey key, Binding presumed, Binding winner) {
        toldLost.increment();
    }

    @Override
    public void reachabilityChanged(String store, boolean reachable) {
        transitions.increment();
    }

    static String session(int number) {
        return KNOWN + number;
    }

    /** One request; it ends at once when it has got a place. */
    CompletableFuture<Pick> ask(int gateway, String session) {
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        return balancers
                .get(gateway)
                .acquire(FakeRequest.get("/").header("X-Session-Id", session))
                .toCompletableFuture()
                .whenComplete((pick, failure) -> {
                    open.decrementAndGet();
                    note(session, pick);
                });
    }

    private void note(String session, Pick pick) {
        if (!(pick instanceof Lease lease)) {
            failed.increment();
            return;
        }
        served.increment();
        BackendId id = lease.backend().id();
        BackendId before = last.put(session, id);
        if (before != null && !before.equals(id)) {
            moves.increment();
            if (session.startsWith(KNOWN)) {
                movesOfKnown.increment();
            }
        }
        lease.complete(Outcome.success());
    }

    /** Each gateway learns where each of the sessions is. What moved until all knew, on a slow machine, does not count. */
    void meet(int sessions) {
        List<String> known =
                IntStream.range(0, sessions).mapToObj(Fleet::session).toList();
        Eventually.holds("the gateways agree", PATIENCE, () -> disagreements(known) == 0);
        settle();
        movesOfKnown.reset();
    }

    /**
     * About 2,000 requests a second of clients that hop, on the caller's thread.
     *
     * @param known sessions that exist already; every tenth request brings a new one that comes back later
     */
    void route(int requests, int known, long seed) {
        Random random = new Random(seed);
        List<String> fresh = new ArrayList<>();
        long next = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            if (i % 10 == 0) {
                fresh.add("new-" + seed + "-" + i);
            }
            boolean old = random.nextInt(10) > 1;
            String session = old ? session(random.nextInt(known)) : fresh.get(random.nextInt(fresh.size()));
            CompletableFuture<Pick> unused = ask(random.nextInt(maps.size()), session);
            if (i % BURST == BURST - 1) {
                next += TimeUnit.MILLISECONDS.toNanos(1000 / (2_000 / BURST));
                LockSupport.parkNanos(next - System.nanoTime());
            }
        }
    }

    /** All have got an answer, and nothing is left to be told. */
    void settle() {
        Eventually.holds("no request waits any more", PATIENCE, () -> open.get() == 0);
        awaitReachable();
        Eventually.holds(
                "Redis has been told everything",
                PATIENCE,
                () -> maps.stream().allMatch(map -> map.stats().pending() == 0));
    }

    long late() {
        return maps.stream().mapToLong(map -> map.stats().late()).sum();
    }

    long lost() {
        return maps.stream().mapToLong(map -> map.stats().lost()).sum();
    }

    /** On how many of these sessions the gateways do not agree. */
    long disagreements(List<String> sessions) {
        return sessions.stream()
                .filter(session -> IntStream.range(0, maps.size())
                                .mapToObj(gateway -> ((Lease)
                                                ask(gateway, session).join())
                                        .backend()
                                        .id())
                                .distinct()
                                .count()
                        > 1)
                .count();
    }

    List<String> sessions() {
        return List.copyOf(last.keySet());
    }

    long openStreams() {
        return balancers.stream()
                .mapToLong(balancer -> balancer.stats().openStreams())
                .sum();
    }

    @Override
    public void close() {
        balancers.forEach(LoadBalancer::close);
        maps.forEach(RedisSessionMap::close);
    }
}
