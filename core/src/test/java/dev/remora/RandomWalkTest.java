package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.BackendStats;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Guard;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of random steps; after each one the counters must say what a plain model of open leases says. */
class RandomWalkTest {

    private static final int STEPS = 4_000;
    private static final int CAP = 9;

    private final FakeTime time = new FakeTime();
    private final MutableBackends backends = BackendSource.mutable();
    private final List<Lease> open = new ArrayList<>();
    private final Map<Lease, Double> costs = new HashMap<>();
    private final WalkedDrains drains = new WalkedDrains(time);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void countersFollowTheLeases(long seed) {
        Random random = new Random(seed);
        List<Strategy> strategies =
                List.of(Strategy.roundRobin(), Strategy.powerOfTwoChoices(), Strategy.rendezvousHash());
        Engine engine = new Engine(LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .random(random)
                .backends(backends)
                .guard(Guard.openStreams(60))
                .maxStreamAge(WalkedDrains.AGE, WalkedDrains.GRACE)
                .rebalance(Rebalance.whenAbove(1.3).streamsPerSecond(3))
                .strategy(strategies.get((int) (seed % strategies.size()))));
        LoadBalancer balancer = new LoadBalancer(engine);
        for (int step = 0; step < STEPS; step++) {
            step(balancer, random);
            check(balancer);
            drains.check(balancer.stats(), engine, open);
        }
        while (!open.isEmpty()) {
            forget(0).complete(Outcome.success());
        }
        check(balancer);
        drains.check(balancer.stats(), engine, open);
        assertThat(balancer.stats().openStreams()).isZero();
        assertThat(balancer.stats().backends())
                .allMatch(backend -> backend.load() == 0 && backend.waitingStreams() == 0);
    }

    private void step(LoadBalancer balancer, Random random) {
        String id = "n" + random.nextInt(6);
        boolean member = backends.list().stream().anyMatch(b -> b.id().value().equals(id));
        switch (random.nextInt(16)) {
            case 0 -> {
                if (!member) {
                    backends.add(Backend.of(id, "http://127.0.0.1:" + (9000 + random.nextInt(3)))
                            .withMaxStreams(CAP)
                            .withWeight(1 + random.nextInt(5)));
                }
            }
            case 1 -> backends.remove(id);
            case 2 -> {
                if (member) {
                    backends.reweigh(id, 1 + random.nextInt(9));
                    backends.drain(id);
                }
            }
            case 3 -> {
                if (member) {
                    backends.resume(id);
                }
            }
            case 4 -> time.advance(Duration.ofMillis(random.nextInt(4_000)));
            case 5, 6, 7, 8, 9 -> opened(balancer.tryAcquire(FakeRequest.get("/")), random);
            case 10 -> {
                if (member && random.nextBoolean()) {
                    Backend backend = backends.list().stream()
                            .filter(b -> b.id().value().equals(id))
                            .findFirst()
                            .orElseThrow();
                    drains.drain(balancer, backend, random);
                } else {
                    drains.cancel(random);
                }
            }
            default -> {
                if (!open.isEmpty()) {
                    stepOf(random.nextInt(open.size()), random);
                }
            }
        }
    }

    private void stepOf(int index, Random random) {
        Lease lease = open.get(index);
        switch (random.nextInt(6)) {
            case 0 -> lease.responseStarted(new FakeResponse(200));
            case 1 -> {
                double cost = random.nextInt(5) / 4.0;
                lease.cost(cost);
                costs.put(lease, cost);
            }
            case 2 -> {
                forget(index);
                opened(lease.retry(Outcome.failure(FailureKind.CONNECT)), random);
            }
            case 3 -> assertThat(forget(index).complete(Outcome.cancelled())).isTrue();
            case 4 ->
                assertThat(forget(index).complete(Outcome.failure(FailureKind.TRUNCATED)))
                        .isTrue();
            default -> assertThat(forget(index).complete(Outcome.success())).isTrue();
        }
    }

    private void opened(Pick pick, Random random) {
        if (pick instanceof Lease lease) {
            open.add(lease);
            costs.put(lease, 1.0);
            assertThat(backends.list()).as("a member of now was picked").contains(lease.backend());
            assertThat(lease.backend().draining()).isFalse();
            drains.opened(lease, random);
        }
    }

    private Lease forget(int index) {
        Lease lease = open.remove(index);
        costs.remove(lease);
        drains.ended(lease);
        return lease;
    }

    private void check(LoadBalancer balancer) {
        for (BackendStats stats : balancer.stats().backends()) {
            List<Lease> mine = open.stream()
                    .filter(lease -> lease.backend().id().equals(stats.backend().id())
                            && lease.backend().uri().equals(stats.backend().uri()))
                    .toList();
            assertThat(stats.openStreams()).isEqualTo(mine.size()).isLessThanOrEqualTo(CAP);
            assertThat(stats.load())
                    .isEqualTo(mine.stream().mapToDouble(costs::get).sum());
            assertThat(stats.picked())
                    .isEqualTo(stats.openStreams() + stats.succeeded() + stats.failed() + stats.cancelled());
            assertThat(stats.waitingStreams()).isBetween(0L, stats.openStreams());
        }
    }
}
