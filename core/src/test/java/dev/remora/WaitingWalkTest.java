package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Guard;
import dev.remora.health.HealthPolicy;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.session.SessionMap;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of random steps with queues: after each one nobody waits while there is a place for it. */
class WaitingWalkTest {

    private static final int STEPS = 3_000;
    private static final int PERMITS = 40;
    private static final int MOST_STREAMS = 11;
    private static final int MOST_PENDING = 7;
    private static final int MOST_IN_POOL_QUEUE = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final FakeTime time = new FakeTime();
    private final MutableBackends backends = BackendSource.mutable();
    private final List<Lease> open = new ArrayList<>();
    private final List<Asked> waiting = new ArrayList<>();

    private record Asked(CompletableFuture<Pick> pick, boolean keyed) {}

    private int asked;
    private int ended;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void nobodyWaitsForAPlaceThatIsFree(long seed) {
        Random random = new Random(seed);
        LoadBalancer balancer = LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .random(random)
                .backends(backends)
                .health(HealthPolicy.none())
                .guard(Guard.openStreams(PERMITS))
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(SessionMap.local(1_000, Duration.ofMinutes(10), time))
                .strategy(seed % 2 == 0 ? Strategy.roundRobin() : Strategy.leastConnections())
                .limits(LoadLimits.none().withStreams(MOST_STREAMS).withPending(MOST_PENDING))
                .waiting(Waiting.upTo(2, MOST_IN_POOL_QUEUE).atMost(PATIENCE))
                .build();
        for (int step = 0; step < STEPS; step++) {
            step(balancer, random);
            collect();
            check(balancer);
        }
        time.advance(PATIENCE);
        collect();
        assertThat(waiting).as("patience is over").isEmpty();
        assertThat(ended).as("each request ended once").isEqualTo(asked);
        while (!open.isEmpty()) {
            open.remove(0).complete(Outcome.success());
        }
        assertThat(balancer.stats().openStreams()).isZero();
        assertThat(balancer.stats().waiting()).isZero();
        for (int i = 0; i < PERMITS; i++) {
            Pick pick = balancer.tryAcquire(FakeRequest.get("/"));
            assertThat(pick instanceof Refusal refusal && refusal.reason() == Refusal.Reason.DENIED)
                    .as("all permits were given back")
                    .isFalse();
            if (pick instanceof Lease lease) {
                lease.complete(Outcome.success());
            }
        }
    }

    private void step(LoadBalancer balancer, Random random) {
        String id = "n" + random.nextInt(4);
        boolean member = backends.list().stream().anyMatch(b -> b.id().value().equals(id));
        switch (random.nextInt(20)) {
            case 0 -> {
                if (!member) {
                    backends.add(Backend.of(id, "http://127.0.0.1:9001").withMaxStreams(1 + random.nextInt(4)));
                }
            }
            case 1 -> backends.remove(id);
            case 2 -> {
                if (member) {
                    backends.drain(id);
                }
            }
            case 3 -> {
                if (member) {
                    backends.resume(id);
                }
            }
            case 4 -> time.advance(Duration.ofMillis(random.nextInt(1_500)));
            case 5 -> {
                if (!waiting.isEmpty()) {
                    waiting.get(random.nextInt(waiting.size())).pick.cancel(false);
                }
            }
            case 6, 7, 8, 9, 10 -> {
                asked++;
                FakeRequest request = request(random);
                waiting.add(new Asked(
                        balancer.acquire(request).toCompletableFuture(),
                        !request.headers("X-Session-Id").isEmpty()));
            }
            case 11 -> {
                if (balancer.tryAcquire(request(random)) instanceof Lease lease) {
                    open.add(lease);
                }
            }
            default -> {
                if (!open.isEmpty()) {
                    end(random);
                }
            }
        }
    }

    private static FakeRequest request(Random random) {
        FakeRequest request = FakeRequest.get("/");
        return random.nextBoolean() ? request : request.header("X-Session-Id", "s" + random.nextInt(20));
    }

    private void end(Random random) {
        Lease lease = open.get(random.nextInt(open.size()));
        switch (random.nextInt(6)) {
            case 0, 1 -> lease.responseStarted(new FakeResponse(200));
            case 2 -> {
                open.remove(lease);
                if (lease.retry(Outcome.failure(FailureKind.SATURATED)) instanceof Lease next) {
                    open.add(next);
                }
            }
            case 3 -> {
                open.remove(lease);
                lease.complete(Outcome.failure(FailureKind.NO_RESPONSE));
            }
            default -> {
                open.remove(lease);
                lease.complete(random.nextBoolean() ? Outcome.success() : Outcome.cancelled());
            }
        }
    }

    private void collect() {
        for (Asked each : waiting) {
            if (each.pick.isDone()) {
                ended++;
                if (!each.pick.isCancelled() && each.pick.join() instanceof Lease lease) {
                    open.add(lease);
                }
            }
        }
        waiting.removeIf(each -> each.pick.isDone());
    }

    private void check(LoadBalancer balancer) {
        BalancerStats stats = balancer.stats();
        assertThat(stats.waiting()).isEqualTo(waiting.size());
        assertThat(open).hasSizeLessThanOrEqualTo(MOST_STREAMS);
        long pending = stats.backends().stream()
                .mapToLong(BalancerStats.BackendStats::waitingStreams)
                .sum();
        assertThat(pending).isLessThanOrEqualTo(MOST_PENDING);
        for (BalancerStats.BackendStats node : stats.backends()) {
            long mine = open.stream()
                    .filter(lease -> lease.backend().id().equals(node.backend().id()))
                    .count();
            assertThat(node.openStreams()).isEqualTo(mine);
        }
        // A key may be bound, and then wait for its own back end while others have room.
        boolean someoneWaitsForThePool = waiting.stream().anyMatch(each -> !each.keyed);
        if (someoneWaitsForThePool && open.size() < MOST_PENDING) {
            assertThat(stats.backends())
                    .as("%s wait, some of them for any back end", waiting.size())
                    .isNotEmpty()
                    .noneMatch(node -> node.status() == BalancerStats.Status.READY
                            && node.openStreams() < node.backend().maxStreams());
        }
    }
}
