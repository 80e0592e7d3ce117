package dev.remora.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerListener;
import dev.remora.Drain;
import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import dev.remora.pool.Backend;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RouteTest {

    private final FakeTime time = new FakeTime();
    private final List<Outcome> ends = new ArrayList<>();
    private final LoadBalancer balancer = LoadBalancer.builder()
            .clock(time)
            .scheduler(time)
            .backends(Backend.of("a", "http://127.0.0.1:1"), Backend.of("b", "http://127.0.0.1:2"))
            .listener(new BalancerListener() {
                @Override
                public void ended(Backend backend, Outcome outcome, long nanos, long bytes, long events) {
                    ends.add(outcome);
                }
            })
            .build();
    private final Queue<Runnable> steps = new ArrayDeque<>();
    private final Traveller traveller = new Traveller();
    private final Route route = new Route(traveller, steps::add);

    /** Notes what it is told, and ends its route with each answer. */
    private final class Traveller implements Route.Traveller {

        private final List<Lease> granted = new ArrayList<>();
        private final List<Problem> answers = new ArrayList<>();
        private final List<EndRequest> wishes = new ArrayList<>();
        private final List<Throwable> crashes = new ArrayList<>();
        private boolean done;

        @Override
        public boolean isDone() {
            return done;
        }

        @Override
        public void granted(Lease lease) {
            granted.add(lease);
        }

        @Override
        public void answer(Problem problem, HeaderEdits headers) {
            answers.add(problem);
            done = true;
            route.end(Outcome.cancelled());
        }

        @Override
        public void endRequested(EndRequest wish) {
            wishes.add(wish);
        }

        @Override
        public void crashed(Throwable failure) {
            crashes.add(failure);
        }
    }

    @AfterEach
    void everyLeaseHasEnded() {
        assertThat(balancer.stats().openStreams()).isZero();
        balancer.close();
    }

    private CompletableFuture<Pick> acquire() {
        return balancer.acquire(FakeRequest.get("/")).toCompletableFuture();
    }

    private void runSteps() {
        for (Runnable step = steps.poll(); step != null; step = steps.poll()) {
            step.run();
        }
    }

    @Test
    void whatIsKnownIsFollowedAtOnce() {
        route.begin(acquire());
        assertThat(traveller.granted).hasSize(1);
        assertThat(route.lease()).contains(traveller.granted.get(0));
        route.end(Outcome.success());
        route.end(Outcome.cancelled());
        assertThat(ends).containsExactly(Outcome.success());
        assertThat(route.lease()).isEmpty();
    }

    @Test
    void whatIsNotKnownYetComesInAStep() {
        CompletableFuture<Pick> question = new CompletableFuture<>();
        route.begin(question);
        question.complete(acquire().join());
        assertThat(traveller.granted).isEmpty();
        runSteps();
        assertThat(traveller.granted).hasSize(1);
        route.end(Outcome.success());
        assertThat(ends).containsExactly(Outcome.success());
    }

    @Test
    void whoEndsWhileItAsksAsksNoMore() {
        CompletableFuture<Pick> question = new CompletableFuture<>();
        route.begin(question);
        traveller.done = true;
        route.end(Outcome.cancelled());
        assertThat(question).isCancelled();
        assertThat(steps).isEmpty();
    }

    @Test
    void aLeaseThatComesTooLateIsGivenBack() {
        CompletableFuture<Pick> question = new CompletableFuture<>();
        route.begin(question);
        question.complete(acquire().join());
        traveller.done = true;
        runSteps();
        assertThat(traveller.granted).isEmpty();
        assertThat(ends).containsExactly(Outcome.cancelled());
    }

    @Test
    void aFailureMovesOnAsLongAsThereIsAnother() {
        route.begin(acquire());
        route.failed(FailureKind.CONNECT, true);
        assertThat(traveller.granted).hasSize(2);
        assertThat(traveller.granted.get(1).backend())
                .isNotEqualTo(traveller.granted.get(0).backend());
        route.failed(FailureKind.CONNECT, true);
        assertThat(traveller.granted).hasSize(2);
        assertThat(traveller.answers).extracting(Problem::status).containsExactly(502);
        assertThat(ends).containsExactly(Outcome.failure(FailureKind.CONNECT), Outcome.failure(FailureKind.CONNECT));
    }

    @Test
    void whatMustNotBeRepeatedIsNot() {
        route.begin(acquire());
        route.failed(FailureKind.FIRST_BYTE_TIMEOUT, false);
        assertThat(traveller.granted).hasSize(1);
        assertThat(traveller.answers).extracting(Problem::status).containsExactly(504);
        assertThat(ends).containsExactly(Outcome.failure(FailureKind.FIRST_BYTE_TIMEOUT));
        route.failed(FailureKind.CONNECT, true);
        assertThat(traveller.granted).hasSize(1);
    }

    @Test
    void aWishReachesWhoHoldsTheLease() {
        route.begin(acquire());
        Lease first = traveller.granted.get(0);
        cut(first);
        runSteps();
        assertThat(traveller.wishes).isNotEmpty();
        assertThat(route.endWish()).isPresent();
        route.end(Outcome.cancelled());
        assertThat(route.endWish()).isEmpty();
    }

    @Test
    void aWishOfALeaseThatHasEndedIsNotHeard() {
        route.begin(acquire());
        cut(traveller.granted.get(0));
        assertThat(steps).isNotEmpty();
        route.end(Outcome.cancelled());
        runSteps();
        assertThat(traveller.wishes).isEmpty();
    }

    private void cut(Lease lease) {
        balancer.drain(lease.backend().id().value(), Drain.softly(Duration.ZERO).until(Duration.ZERO));
        time.advance(Duration.ofSeconds(1));
    }

    @Test
    void whatWasHandedOverIsAnothersToEnd() {
        route.begin(acquire());
        route.handOver();
        route.end(Outcome.cancelled());
        assertThat(ends).isEmpty();
        traveller.granted.get(0).complete(Outcome.success());
        assertThat(ends).containsExactly(Outcome.success());
    }

    @Test
    void whatThePickThrowsIsTold() {
        IllegalStateException thrown = new IllegalStateException("a strategy threw");
        route.begin(CompletableFuture.failedFuture(thrown));
        assertThat(traveller.crashes).containsExactly(thrown);
    }

    @Test
    void aRefusalIsTheAnswer() {
        try (LoadBalancer nobody = LoadBalancer.builder().backends().build()) {
            route.begin(nobody.acquire(FakeRequest.get("/")).toCompletableFuture());
        }
        assertThat(traveller.answers).extracting(Problem::status).containsExactly(503);
    }
}
