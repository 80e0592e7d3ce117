package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.BackendStats;
import dev.remora.BalancerStats.Status;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.ResponseView;
import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthProbe.Initially;
import dev.remora.health.HealthProbe.Timing;
import dev.remora.health.ProbeAnswer;
import dev.remora.health.SlowStart;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Thousands of random steps with all that judges, spares, warms up, drains and ends switched on. After each one the
 * counters say what a plain model of open leases says, nobody is where he must not be, and no more are out than may be;
 * at the end all that was broken recovers, and nothing is left.
 */
class HealthWalkTest {

    private static final int STEPS = 2_000;
    private static final int CAP = 9;
    private static final double LARGEST_SHARE = 0.5;
    private static final FailureKind[] KINDS = {
        FailureKind.CONNECT,
        FailureKind.FIRST_BYTE_TIMEOUT,
        FailureKind.NO_RESPONSE,
        FailureKind.TRUNCATED,
        FailureKind.STREAM_IDLE
    };
    private static final int[] STATUSES = {200, 200, 200, 200, 471, 500, 502, 503, 429};

    private final FakeTime time = new FakeTime();
    private final MutableBackends backends = BackendSource.mutable(backend(0, 0), backend(1, 0), backend(2, 0));
    private final ProbeScript script =
            new ProbeScript(new Timing(Duration.ofMillis(700), Duration.ofMillis(300), 2, 2));
    private final List<Lease> open = new ArrayList<>();
    private final WalkedDrains drains = new WalkedDrains(time);
    private final Map<BackendId, Boolean> told = new HashMap<>();
    private Random random = new Random();
    // Whether ids return with other addresses too, as other back ends: listeners cannot tell them apart then.
    private boolean moves;

    private static IntStream seeds() {
        return IntStream.range(0, 12);
    }

    private static Backend backend(int id, int port) {
        return Backend.of("n" + id, "http://127.0.0.1:" + (9000 + port))
                .withMaxStreams(CAP)
                .withWeight(1 + id);
    }

    private LoadBalancerBuilder builder(int seed) {
        List<Strategy> strategies = List.of(
                Strategy.roundRobin(), Strategy.powerOfTwoChoices(), Strategy.rendezvousHash(), Strategy.maglev());
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .random(random)
                .backends(backends)
                .strategy(strategies.get(seed % 4))
                .panicThreshold(seed % 3 == 0 ? 0.4 : 0)
                .coolDown(Duration.ofSeconds(5))
                .slowStart(SlowStart.over(Duration.ofSeconds(8)))
                .maxStreamAge(WalkedDrains.AGE, WalkedDrains.GRACE)
                .rebalance(Rebalance.whenAbove(1.3).streamsPerSecond(3))
                .listener(new Transitions())
                .health(judgedByOutliers(seed) ? outliers() : HealthPolicy.maxFails(2, Duration.ofSeconds(5)));
        if (probed(seed)) {
            Initially initially =
                    List.of(Initially.UP, Initially.DOWN, Initially.UNTIL_FIRST).get(seed % 3);
            builder.healthProbe(script.with(script.timing().initially(initially)))
                    .probeExecutor(Runnable::run);
        }
        return builder;
    }

    private static boolean judgedByOutliers(int seed) {
        return seed % 8 < 6;
    }

    private static boolean probed(int seed) {
        return seed % 2 == 1;
    }

    private static HealthPolicy outliers() {
        return HealthPolicy.outlierDetection()
                .withConsecutiveErrors(2)
                .withConsecutiveGatewayErrors(2)
                .withConsecutiveAborts(3)
                .withConsecutiveStalls(2)
                .withStallAfter(4, Duration.ofSeconds(2))
                .withFailureShare(0.6, 5)
                .withInterval(Duration.ofSeconds(3))
                .withEjection(Duration.ofSeconds(3), Duration.ofSeconds(20))
                .withLargestEjectedShare(LARGEST_SHARE)
                .withFailures(status -> status >= 500 || status == 471);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverBreaksEverybodyIsWhereHeMayBe(int seed) {
        random = new Random(seed);
        moves = seed % 4 >= 2;
        Engine engine = new Engine(builder(seed));
        LoadBalancer balancer = new LoadBalancer(engine);
        assertThat(balancer.stats().backends())
                .as("nobody warms up at the start")
                .allMatch(stats -> stats.weight() == stats.backend().weight());
        for (int step = 0; step < STEPS; step++) {
            step(engine, balancer);
            check(balancer, seed);
            drains.check(balancer.stats(), engine, open);
        }
        recover(engine, balancer);
        balancer.close();
        assertThat(time.pending()).as("timers after the end").isZero();
        while (!open.isEmpty()) {
            forget(0).complete(Outcome.success());
        }
        check(balancer, seed);
        List<Lease> left = new ArrayList<>();
        engine.ends().openStreams().forEach(lease -> {
            left.add(lease);
        });
        assertThat(left).isEmpty();
        assertThat(balancer.stats().openStreams()).isZero();
        assertThat(time.pending()).isZero();
    }

    private void step(Engine engine, LoadBalancer balancer) {
        int number = random.nextInt(6);
        String id = "n" + number;
        Optional<Backend> member = backends.list().stream()
                .filter(backend -> backend.id().value().equals(id))
                .findFirst();
        switch (random.nextInt(22)) {
            case 0, 1 -> {
                if (member.isEmpty()) {
                    backends.add(backend(number, moves ? 6 * random.nextInt(2) + number : number));
                }
            }
            case 2 -> {
                backends.remove(id);
                told.remove(new BackendId(id));
            }
            case 3 -> member.ifPresent(backend -> backends.drain(id));
            case 4, 5 -> member.ifPresent(backend -> backends.resume(id));
            case 6, 7, 8 -> time.advance(Duration.ofMillis(random.nextInt(3_000)));
            case 9 -> member.ifPresent(backend -> drains.drain(balancer, backend, random));
            case 10 -> drains.cancel(random);
            case 11 -> script.failing.add(id);
            case 12, 13 -> script.failing.remove(id);
            case 14 -> script.answers.put(id, wishing((1 + random.nextInt(4)) / 4.0));
            case 15, 16, 17 -> acquire(engine, balancer);
            default -> {
                if (!open.isEmpty()) {
                    stepOf(random.nextInt(open.size()));
                }
            }
        }
    }

    private static ProbeAnswer wishing(double share) {
        return new ProbeAnswer(true, false, OptionalDouble.of(share), Optional.empty(), "fine");
    }

    private void acquire(Engine engine, LoadBalancer balancer) {
        Map<Backend, Status> before = new HashMap<>();
        boolean someoneIsReady = false;
        for (BackendStats stats : balancer.stats().backends()) {
            before.put(stats.backend(), stats.status());
            someoneIsReady |= isReady(stats.status()) && stats.openStreams() < CAP;
        }
        boolean panics = engine.panics();
        Pick pick = balancer.tryAcquire(FakeRequest.get("/"));
        if (someoneIsReady) {
            assertThat(pick).as("somebody could serve").isInstanceOf(Lease.class);
        }
        if (pick instanceof Lease lease) {
            opened(lease);
            Status status = before.get(lease.backend());
            assertThat(status).isNotEqualTo(Status.DRAINING);
            if (someoneIsReady && !isReady(status)) {
                assertThat(panics && status == Status.UNFIT)
                        .as("%s while another one is ready", status)
                        .isTrue();
            }
        }
    }

    private static boolean isReady(Status status) {
        return status == Status.READY || status == Status.WARMING;
    }

    private void stepOf(int index) {
        Lease lease = open.get(index);
        switch (random.nextInt(9)) {
            case 0, 1 ->
                lease.responseStarted(new Answer(STATUSES[random.nextInt(STATUSES.length)], random.nextInt(8)));
            case 2 -> lease.streamed(random.nextInt(100));
            case 3 -> lease.event();
            case 4 -> lease.paused(random.nextBoolean());
            case 5 -> {
                Outcome.Failure failure = failure();
                if (forget(index).retry(failure) instanceof Lease next) {
                    opened(next);
                    assertThat(next.backend().id()).isNotEqualTo(lease.backend().id());
                }
                assertThat(lease.complete(failure)).as("a second end").isFalse();
            }
            case 6 -> assertThat(forget(index).complete(Outcome.cancelled())).isTrue();
            case 7 -> assertThat(forget(index).complete(failure())).isTrue();
            default -> assertThat(forget(index).complete(Outcome.success())).isTrue();
        }
    }

    private Outcome.Failure failure() {
        return new Outcome.Failure(KINDS[random.nextInt(KINDS.length)]);
    }

    private void opened(Lease lease) {
        open.add(lease);
        assertThat(backends.list()).as("a member of now was picked").contains(lease.backend());
        assertThat(lease.backend().draining()).isFalse();
        drains.opened(lease, random);
    }

    private Lease forget(int index) {
        Lease lease = open.remove(index);
        drains.ended(lease);
        return lease;
    }

    private void check(LoadBalancer balancer, int seed) {
        List<BackendStats> members = balancer.stats().backends();
        for (BackendStats stats : members) {
            long mine = open.stream()
                    .filter(lease -> lease.backend().id().equals(stats.backend().id())
                            && lease.backend().uri().equals(stats.backend().uri()))
                    .count();
            assertThat(stats.openStreams()).isEqualTo(mine).isLessThanOrEqualTo(CAP);
            assertThat(stats.load()).isEqualTo((double) mine);
            assertThat(stats.waitingStreams()).isBetween(0L, mine);
            assertThat(stats.picked()).isEqualTo(mine + stats.succeeded() + stats.failed() + stats.cancelled());
            assertThat(stats.weight()).isBetween(0.024 * stats.backend().weight(), (double)
                    stats.backend().weight());
        }
        if (judgedByOutliers(seed) && !probed(seed)) {
            long out = members.stream()
                    .filter(stats -> stats.status() == Status.UNFIT)
                    .count();
            assertThat(out).as("out of %d", members.size()).isLessThanOrEqualTo((long)
                    (LARGEST_SHARE * members.size()));
        }
    }

    /** All that was broken is repaired: soon everybody serves again with all of his weight. */
    private void recover(Engine engine, LoadBalancer balancer) {
        script.failing.clear();
        script.answers.clear();
        backends.list().forEach(backend -> {
            backends.resume(backend.id().value());
            script.answers.put(backend.id().value(), wishing(1));
        });
        drains.cancelAll();
        for (int round = 0; round < 600; round++) {
            time.advance(Duration.ofSeconds(1));
            for (int i = 0; i < 3 * backends.list().size(); i++) {
                if (balancer.tryAcquire(FakeRequest.get("/")) instanceof Lease lease) {
                    lease.responseStarted(new Answer(200, 0));
                    lease.complete(Outcome.success());
                }
            }
        }
        for (BackendStats stats : balancer.stats().backends()) {
            assertThat(stats.status()).as("%s", stats).isEqualTo(Status.READY);
            assertThat(stats.weight()).isEqualTo(stats.backend().weight());
            assertThat(told.getOrDefault(stats.backend().id(), true))
                    .as("told last")
                    .isTrue();
        }
        assertThat(engine.panics()).isFalse();
    }

    /** A member turns fit and unfit in turn. */
    private final class Transitions implements BalancerListener {
        @Override
        public void healthChanged(BackendId backend, boolean fit) {
            boolean member = backends.list().stream().anyMatch(each -> each.id().equals(backend));
            Boolean before = (member && !moves) ? told.put(backend, fit) : null;
            assertThat(before).as("told the same twice").isNotEqualTo(fit);
        }
    }

    /** An answer that asks to be spared for some seconds, unless for 0. */
    private record Answer(int status, int retryAfter) implements ResponseView {
        @Override
        public List<String> headers(String name) {
            return (retryAfter > 0 && name.equals("retry-after")) ? List.of("" + retryAfter) : List.of();
        }
    }
}
