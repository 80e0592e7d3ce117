package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Guard;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.SessionMap;
import dev.remora.strategy.PickContext;
import dev.remora.strategy.Picker;
import dev.remora.strategy.Strategy;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A stage that waits for a session map can be ended at any moment, and nothing stays behind. */
class AcquisitionTest {

    private static final BackendId B = new BackendId("b");

    private final SlowMap map = new SlowMap();

    /** A map whose answers come when the test says so. */
    private static final class SlowMap implements SessionMap {
        private CompletableFuture<Optional<Binding>> found = new CompletableFuture<>();
        private CompletableFuture<Binding> bound = new CompletableFuture<>();

        @Override
        public Optional<Binding> peek(AffinityKey key) {
            return Optional.empty();
        }

        @Override
        public CompletionStage<Optional<Binding>> find(AffinityKey key) {
            return found;
        }

        @Override
        public CompletionStage<Binding> bind(AffinityKey key, BackendId backend) {
            return bound;
        }

        @Override
        public CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
            return bound;
        }

        @Override
        public CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence) {
            return CompletableFuture.completedFuture(false);
        }
    }

    private LoadBalancer balancer(Strategy strategy) {
        return LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"))
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(map)
                .strategy(strategy)
                .guard(Guard.openStreams(1))
                .build();
    }

    private static Strategy first() {
        return snapshot -> context -> 0;
    }

    private static FakeRequest mine() {
        return FakeRequest.get("/").header("X-Session-Id", "me");
    }

    private static CompletableFuture<Pick> ask(LoadBalancer balancer) {
        return balancer.acquire(mine()).toCompletableFuture();
    }

    private static void assertNothingIsLeft(LoadBalancer balancer) {
        assertThat(balancer.stats().openStreams()).isZero();
        assertThat(balancer.stats().backends()).allMatch(node -> node.load() == 0 && node.waitingStreams() == 0);
        Pick pick = balancer.tryAcquire(FakeRequest.get("/"));
        assertThat(pick).as("the permit is free").isInstanceOf(Lease.class);
        ((Lease) pick).complete(Outcome.success());
    }

    @Test
    void cancellingWhileTheMapLooksForTheKeyLosesNothing() {
        LoadBalancer balancer = balancer(first());
        CompletableFuture<Pick> pick = ask(balancer);
        assertThat(pick.cancel(false)).isTrue();
        assertNothingIsLeft(balancer);
        map.found.complete(Optional.empty());
        map.bound.complete(new Binding(B, 1));
        assertNothingIsLeft(balancer);
    }

    @Test
    void cancellingWhileTheMapLearnsThePlaceGivesItBack() {
        LoadBalancer balancer = balancer(first());
        CompletableFuture<Pick> pick = ask(balancer);
        map.found.complete(Optional.empty());
        assertThat(balancer.stats().backends().get(0).load())
                .as("it has a place")
                .isEqualTo(1);
        pick.cancel(false);
        assertNothingIsLeft(balancer);
        map.bound.complete(new Binding(B, 1));
        assertNothingIsLeft(balancer);
    }

    @Test
    void everyWayToEndTheStageEndsTheSearch() {
        LoadBalancer balancer = balancer(first());
        CompletableFuture<Pick> failed = ask(balancer);
        failed.completeExceptionally(new IllegalStateException("the caller gave up"));
        assertNothingIsLeft(balancer);
        CompletableFuture<Pick> replaced = ask(balancer);
        replaced.complete(Refusal.of(Refusal.Reason.CLOSED));
        assertNothingIsLeft(balancer);
        CompletableFuture<Pick> late = ask(balancer).orTimeout(1, TimeUnit.NANOSECONDS);
        assertThatThrownBy(late::join).hasCauseInstanceOf(java.util.concurrent.TimeoutException.class);
        map.found.complete(Optional.empty());
        map.bound.complete(new Binding(B, 1));
        assertNothingIsLeft(balancer);
    }

    @Test
    void whoLostTheRaceForAKeyFollowsTheWinner() {
        Queue<Runnable> loop = new ArrayDeque<>();
        LoadBalancer balancer = balancer(first());
        CompletableFuture<Pick> pick = balancer.acquire(mine(), loop::add).toCompletableFuture();
        map.found.complete(Optional.empty());
        map.bound.complete(new Binding(B, 1));
        assertThat(pick).as("it completes on the caller's executor").isNotDone();
        loop.remove().run();
        Lease lease = (Lease) pick.join();
        assertThat(lease.backend().id()).isEqualTo(B);
        assertThat(balancer.stats().openStreams()).isEqualTo(1);
        lease.complete(Outcome.success());
        assertNothingIsLeft(balancer);
    }

    @Test
    void aStrategyThatThrowsWhileTheWinnerIsFollowedCostsNoPlace() {
        LoadBalancer balancer = balancer(snapshot -> new Picker() {
            @Override
            public int pick(PickContext context) {
                return 0;
            }

            @Override
            public boolean keeps(PickContext context, int index) {
                throw new IllegalStateException("broken strategy");
            }
        });
        CompletableFuture<Pick> pick = ask(balancer);
        map.found.complete(Optional.empty());
        map.bound.complete(new Binding(B, 1));
        assertThatThrownBy(pick::join).hasRootCauseMessage("broken strategy");
        assertNothingIsLeft(balancer);

        assertThatThrownBy(() -> ask(balancer))
                .as("now the map answers at once")
                .hasMessage("broken strategy");
        assertNothingIsLeft(balancer);
        assertThatThrownBy(() -> balancer.tryAcquire(mine())).hasMessage("broken strategy");
        assertNothingIsLeft(balancer);
    }

    @Test
    void aStrategyThatThrowsForAWaiterFailsOnlyThatOne() {
        boolean[] broken = new boolean[1];
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001").withMaxStreams(1))
                .strategy(snapshot -> context -> {
                    if (broken[0]) {
                        broken[0] = false;
                        throw new IllegalStateException("broken strategy");
                    }
                    return context.eligible(0) ? 0 : Picker.NONE;
                })
                .waiting(Waiting.upTo(0, 5))
                .build();
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        CompletableFuture<Pick> one = balancer.acquire(FakeRequest.get("/")).toCompletableFuture();
        CompletableFuture<Pick> two = balancer.acquire(FakeRequest.get("/")).toCompletableFuture();
        broken[0] = true;
        lease.complete(Outcome.success());
        assertThatThrownBy(one::join).hasRootCauseMessage("broken strategy");
        ((Lease) two.join()).complete(Outcome.success());
        assertThat(balancer.stats().openStreams()).isZero();
        assertThat(balancer.stats().waiting()).isZero();
    }
}
