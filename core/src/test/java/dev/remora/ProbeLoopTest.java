package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.Status;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthProbe.Initially;
import dev.remora.health.HealthProbe.Timing;
import dev.remora.health.ProbeAnswer;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ProbeLoopTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final FakeTime time = new FakeTime();
    private final ProbeScript script = new ProbeScript(new Timing(SECOND, Duration.ofMillis(400), 2, 3));
    private final List<String> changes = new ArrayList<>();
    private final MutableBackends backends =
            BackendSource.mutable(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"));
    private final LoadBalancer balancer = LoadBalancer.builder()
            .clock(time)
            .scheduler(time)
            .random(() -> 20L << 32) // the middle of the 21 numbers that an interval is varied by
            .backends(backends)
            .healthProbe(script)
            .probeExecutor(Runnable::run)
            .listener(new BalancerListener() {
                @Override
                public void healthChanged(BackendId backend, boolean fit) {
                    changes.add(backend + (fit ? " fit" : " unfit"));
                }
            })
            .build();

    private void rounds(int count) {
        for (int i = 0; i < count; i++) {
            time.advance(SECOND);
        }
    }

    @Test
    void aBackEndFallsAfterThreeFailsAndRisesAfterTwoPasses() {
        script.failing.add("a");
        time.advance(Duration.ofMillis(1));
        rounds(1);
        assertThat(changes).isEmpty();
        rounds(1);
        assertThat(changes).containsExactly("a unfit");
        for (int i = 0; i < 20; i++) {
            Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
            assertThat(lease.backend().id().value()).isEqualTo("b");
        }
        script.failing.clear();
        rounds(1);
        assertThat(changes).containsExactly("a unfit");
        rounds(1);
        assertThat(changes).containsExactly("a unfit", "a fit");
    }

    @Test
    void twoFailsAmongPassesAreForgiven() {
        time.advance(Duration.ofMillis(1));
        for (int i = 0; i < 10; i++) {
            script.failing.add("a");
            rounds(2);
            script.failing.clear();
            rounds(1);
        }
        assertThat(changes).isEmpty();
    }

    @Test
    void aProbeThatNeverAnswersFailsAndDoesNotPileUp() {
        script.silent.add("a");
        time.advance(Duration.ofMillis(1));
        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofMillis(100));
            assertThat(script.pending.stream().filter(answer -> !answer.isDone()))
                    .hasSizeLessThanOrEqualTo(1);
        }
        assertThat(changes).containsExactly("a unfit");
    }

    @Test
    void aProbeThatThrowsFails() {
        script.throwing.add("b");
        rounds(4);
        assertThat(changes).containsExactly("b unfit");
    }

    @Test
    void whoLeavesIsAskedNoMoreAndWhoComesIsAsked() {
        rounds(1);
        backends.remove("a");
        backends.add(Backend.of("c", "http://127.0.0.1:9003"));
        script.asked.clear();
        rounds(2);
        assertThat(script.asked).contains("b", "c").doesNotContain("a");
    }

    @Test
    void aBackEndThatReturnsUnfitCanRise() {
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String id = lease.backend().id().value();
        script.failing.add(id);
        rounds(4);
        backends.remove(id);
        backends.add(lease.backend());
        script.failing.clear();
        rounds(4);
        assertThat(changes).containsExactly(id + " unfit", id + " fit");
    }

    @Test
    void aBackEndThatFellAndRoseGetsStreamsAtOnceThoughStreamsHadFailed() {
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String id = lease.backend().id().value();
        script.failing.add(id);
        rounds(3);
        lease.complete(Outcome.failure(FailureKind.CONNECT));
        script.failing.clear();
        rounds(2);
        assertThat(changes).containsExactly(id + " unfit", id + " fit");
    }

    @Test
    void nobodyIsAskedAfterTheEnd() {
        rounds(1);
        balancer.close();
        script.asked.clear();
        rounds(3);
        assertThat(script.asked).isEmpty();
    }

    private LoadBalancer balancer(Timing timing, Executor executor) {
        balancer.close();
        script.asked.clear();
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .random(() -> 20L << 32)
                .backends(backends)
                .healthProbe(script.with(timing))
                .probeExecutor(executor)
                .build();
    }

    private long asked(String id) {
        return script.asked.stream().filter(id::equals).count();
    }

    private static List<Status> statuses(LoadBalancer asking) {
        return asking.stats().backends().stream()
                .map(BalancerStats.BackendStats::status)
                .toList();
    }

    @Test
    void whoIsInDoubtIsAskedMoreOften() {
        Timing timing = new Timing(SECOND.multipliedBy(10), Duration.ofMillis(400), 2, 3)
                .whenUnsure(SECOND)
                .whenDown(SECOND.multipliedBy(5));
        LoadBalancer asking = balancer(timing, Runnable::run);
        script.failing.add("a");
        rounds(2);
        assertThat(statuses(asking)).containsExactly(Status.UNFIT, Status.READY);
        assertThat(asked("a")).as("at once, and twice when unsure").isEqualTo(3);
        assertThat(asked("b")).isEqualTo(1);
        rounds(5);
        assertThat(asked("a")).as("once while down").isEqualTo(4);
        script.failing.clear();
        rounds(6);
        assertThat(statuses(asking)).containsExactly(Status.READY, Status.READY);
        rounds(9);
        assertThat(asked("a")).as("two that made it rise, and the interval").isEqualTo(6);
        assertThat(asked("b")).isEqualTo(3);
    }

    @Test
    void whatIsBelievedBeforeTheFirstAnswerIsAChoice() {
        Timing timing = new Timing(SECOND, Duration.ofMillis(400), 2, 3);
        List<Runnable> held = new ArrayList<>();
        for (Initially initially : Initially.values()) {
            LoadBalancer asking = balancer(timing.initially(initially), held::add);
            time.advance(Duration.ofMillis(1));
            Status before = initially == Initially.UP ? Status.READY : Status.UNFIT;
            assertThat(statuses(asking)).as("%s", initially).containsExactly(before, before);
            assertThat(asking.tryAcquire(FakeRequest.get("/")))
                    .as("nobody is fit")
                    .isInstanceOf(Lease.class);
            held.forEach(Runnable::run);
            held.clear();
            Status after = initially == Initially.DOWN ? Status.UNFIT : Status.READY;
            assertThat(statuses(asking)).as("%s, asked once", initially).containsExactly(after, after);
            rounds(1);
            held.forEach(Runnable::run);
            held.clear();
            assertThat(statuses(asking)).as("%s, asked twice", initially).containsExactly(Status.READY, Status.READY);
            asking.close();
        }
    }

    @Test
    void aFirstFailDecidesWhenNothingWasBelieved() {
        Timing timing = new Timing(SECOND, Duration.ofMillis(400), 2, 3).initially(Initially.UNTIL_FIRST);
        script.failing.add("a");
        LoadBalancer asking = balancer(timing, Runnable::run);
        time.advance(Duration.ofMillis(1));
        assertThat(statuses(asking)).containsExactly(Status.UNFIT, Status.READY);
        script.failing.clear();
        rounds(1);
        assertThat(statuses(asking)).as("it must rise now").containsExactly(Status.UNFIT, Status.READY);
        rounds(1);
        assertThat(statuses(asking)).containsExactly(Status.READY, Status.READY);
    }

    @Test
    void aCallThatHangsIsNotFollowedByAnotherAndStopsNobodyElse() {
        List<Runnable> hanging = new ArrayList<>();
        boolean[] first = {true};
        LoadBalancer asking = balancer(new Timing(SECOND, Duration.ofMillis(400), 2, 3), call -> {
            if (first[0]) {
                first[0] = false;
                hanging.add(call);
            } else {
                call.run();
            }
        });
        rounds(60);
        assertThat(statuses(asking)).containsExactlyInAnyOrder(Status.UNFIT, Status.READY);
        assertThat(Math.min(asked("a"), asked("b"))).isZero();
        assertThat(Math.max(asked("a"), asked("b"))).isGreaterThan(50);
        assertThat(hanging).hasSize(1);
        hanging.get(0).run();
        rounds(5);
        assertThat(statuses(asking)).containsExactly(Status.READY, Status.READY);
    }

    @Test
    void anAnswerThatCannotBeCancelledIsNotAskedForAgain() {
        script.stubborn.add("a");
        rounds(60);
        assertThat(asked("a")).isEqualTo(1);
        assertThat(asked("b")).isGreaterThan(50);
        assertThat(changes).containsExactly("a unfit");
        script.stubborn.clear();
        script.pending.get(0).complete(ProbeAnswer.pass("an hour late"));
        rounds(5);
        assertThat(changes).containsExactly("a unfit", "a fit");
    }

    @Test
    void theExecutorMayRefuse() {
        LoadBalancer asking = balancer(new Timing(SECOND, Duration.ofMillis(400), 2, 3), call -> {
            throw new RejectedExecutionException("full");
        });
        rounds(4);
        assertThat(statuses(asking)).containsExactly(Status.UNFIT, Status.UNFIT);
    }

    @Test
    void aNewAddressIsAskedAndJudgedAnew() {
        script.failing.add("a");
        rounds(4);
        assertThat(changes).containsExactly("a unfit");
        script.failing.clear();
        backends.remove("a");
        backends.add(Backend.of("a", "http://127.0.0.1:9099"));
        assertThat(statuses(balancer)).containsExactly(Status.READY, Status.READY);
        script.asked.clear();
        rounds(1);
        assertThat(script.asked).contains("a");
    }
}
