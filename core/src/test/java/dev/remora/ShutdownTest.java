package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Draining.Phase;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Admission;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShutdownTest {

    private static final Drain PLAN = Drain.softly(Duration.ofSeconds(5)).until(Duration.ofSeconds(25));

    private final FakeTime time = new FakeTime();
    private final MutableBackends backends =
            BackendSource.mutable(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"));
    private final LoadBalancer balancer = LoadBalancer.builder()
            .clock(time)
            .scheduler(time)
            .random(new Random(7))
            .backends(backends)
            .strategy(Strategy.roundRobin())
            .build();
    private final List<EndRequest> asked = new ArrayList<>();

    private Lease open() {
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        lease.onEndRequested(asked::add);
        return lease;
    }

    @Test
    void untilTheSoftDeadlineEveryRequestIsServedAndNoneAfterIt() {
        Draining run = balancer.shutdown(PLAN);
        assertThat(run.empty().toCompletableFuture()).as("streams may come").isNotDone();
        time.advance(Duration.ofMillis(4_999));
        Lease last = open();
        time.advance(Duration.ofMillis(1));
        assertThat(run.phase()).isEqualTo(Phase.CLOSING);
        Refusal refusal = (Refusal) balancer.tryAcquire(FakeRequest.get("/"));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.CLOSED);
        assertThat(asked).isEmpty();
        last.complete(Outcome.success());
        assertThat(run.empty().toCompletableFuture()).isCompleted();
    }

    @Test
    void zeroIsReportedForGoodAlsoToARequestThatWasJustAdmitted() {
        List<Draining> runs = new ArrayList<>();
        List<LoadBalancer> late = new ArrayList<>();
        LoadBalancer guarded = LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .backends(backends)
                .guard((request, origin) -> {
                    runs.add(late.get(0).shutdown(Drain.softly(Duration.ZERO).until(Duration.ofHours(1))));
                    return Admission.admitted();
                })
                .build();
        late.add(guarded);
        Refusal refusal = (Refusal) guarded.tryAcquire(FakeRequest.get("/"));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.CLOSED);
        assertThat(runs.get(0).empty().toCompletableFuture()).isCompleted();
        assertThat(runs.get(0).openStreams()).isZero();
    }

    @Test
    void streamsOfAllBackEndsAreAskedAlsoOfThoseThatHaveGone() {
        List<Lease> open = List.of(open(), open());
        backends.remove("a");
        Draining run = balancer.shutdown(PLAN);
        assertThat(run.openStreams()).isEqualTo(2);
        time.advance(Duration.ofSeconds(25));
        assertThat(asked).hasSize(4).allMatch(request -> request.reason() == EndRequest.Reason.SHUTDOWN);
        assertThat(asked.subList(2, 4)).allMatch(request -> request.urgency() == EndRequest.Urgency.NOW);
        open.get(0).complete(Outcome.cancelled());
        assertThat(run.empty().toCompletableFuture()).isNotDone();
        open.get(1).complete(Outcome.cancelled());
        assertThat(run.empty().toCompletableFuture()).isCompleted();
        balancer.close();
    }

    @Test
    void aRequestThatWasAdmittedMayStillBeTriedElsewhere() {
        Lease lease = open();
        Draining run = balancer.shutdown(PLAN);
        time.advance(Duration.ofSeconds(6));
        Lease next = (Lease) lease.retry(Outcome.failure(FailureKind.CONNECT));
        assertThat(next.backend().id()).isNotEqualTo(lease.backend().id());
        assertThat(run.empty().toCompletableFuture()).isNotDone();
        next.complete(Outcome.success());
        assertThat(run.empty().toCompletableFuture()).isCompleted();
    }

    @Test
    void aShutdownMayBeCalledOff() {
        Lease lease = open();
        Draining run = balancer.shutdown(PLAN);
        time.advance(Duration.ofSeconds(24));
        assertThat(lease.endRequest()).isPresent();
        assertThat(run.cancel()).isTrue();
        assertThat(lease.endRequest()).isEmpty();
        time.advance(Duration.ofMinutes(1));
        assertThat(asked).hasSize(1);
        Lease other = open();
        lease.complete(Outcome.success());
        other.complete(Outcome.success());
    }

    @Test
    void aDrainThatIsCancelledLeavesTheWishOfTheShutdownInForce() {
        Lease lease = open();
        Draining drain = balancer.drain(
                lease.backend().id(),
                Drain.softly(Duration.ZERO).until(Duration.ofHours(1)).spread(Duration.ZERO));
        time.advance(Duration.ofSeconds(1));
        assertThat(asked).hasSize(1);
        balancer.shutdown(PLAN);
        time.advance(Duration.ofSeconds(24));
        assertThat(asked).as("it was asked already").hasSize(1);
        drain.cancel();
        time.advance(Duration.ofMillis(999));
        assertThat(lease.endRequest().orElseThrow().reason()).isEqualTo(EndRequest.Reason.SHUTDOWN);
        lease.complete(Outcome.success());
    }
}
