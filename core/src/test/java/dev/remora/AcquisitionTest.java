package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.StickyFallback;
import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.ResponseView;
import dev.remora.guard.Guard;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.session.SessionMap;
import dev.remora.strategy.PickContext;
import dev.remora.strategy.Picker;
import dev.remora.strategy.Strategy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A stage that waits for a session map can be ended at any moment, and nothing stays behind. */
class AcquisitionTest {

    private static final BackendId B = new BackendId("b");

    private final SlowMap map = new SlowMap();

    /** A shared map whose answers come when the test says so. */
    private static final class SlowMap implements SessionMap {
        private final CompletableFuture<Optional<Binding>> found = new CompletableFuture<>();
        private final CompletableFuture<Optional<Binding>> bound = new CompletableFuture<>();
        private final CompletableFuture<Binding> rebound = new CompletableFuture<>();
        private final List<String> asked = new ArrayList<>();

        @Override
        public Optional<Binding> peek(AffinityKey key) {
            return Optional.empty();
        }

        @Override
        public boolean knowsAll() {
            return false;
        }

        @Override
        public CompletionStage<Optional<Binding>> find(AffinityKey key) {
            asked.add("find");
            return found;
        }

        @Override
        public CompletionStage<Optional<Binding>> bind(AffinityKey key, BackendId backend) {
            asked.add("bind " + key.text() + " " + backend);
            return bound;
        }

        @Override
        public Binding presume(AffinityKey key, BackendId backend) {
            asked.add("presume " + key.text() + " " + backend);
            return new Binding(backend, 0);
        }

        @Override
        public CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
            asked.add("rebind " + expectedFence + " " + backend);
            return rebound;
        }

        @Override
        public CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence) {
            return CompletableFuture.completedFuture(false);
        }

        @Override
        public void touch(AffinityKey key) {
            asked.add("touch " + key.text());
        }
    }

    private LoadBalancer balancer(Strategy strategy) {
        return builder(strategy).build();
    }

    private LoadBalancerBuilder builder(Strategy strategy) {
        return LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"))
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(map)
                .strategy(strategy)
                .guard(Guard.openStreams(1));
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
        LoadBalancer balancer = balancer(snapshot -> context -> Picker.NONE);
        CompletableFuture<Pick> pick = ask(balancer);
        assertThat(pick)
                .as("there is no place, but its own back end may have one")
                .isNotDone();
        assertThat(map.asked).containsExactly("find");
        assertThat(pick.cancel(false)).isTrue();
        map.found.complete(Optional.of(new Binding(B, 1)));
        assertThat(balancer.stats().openStreams()).isZero();
        assertThat(balancer.stats().backends()).allMatch(node -> node.load() == 0);
    }

    @Test
    void cancellingWhileTheMapLearnsThePlaceGivesItBack() {
        LoadBalancer balancer = balancer(first());
        CompletableFuture<Pick> pick = ask(balancer);
        assertThat(balancer.stats().backends().get(0).load())
                .as("it has a place")
                .isEqualTo(1);
        pick.cancel(false);
        assertNothingIsLeft(balancer);
        map.bound.complete(Optional.of(new Binding(B, 1)));
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
        map.bound.complete(Optional.of(new Binding(B, 1)));
        assertNothingIsLeft(balancer);
    }

    @Test
    void whoLostTheRaceForAKeyFollowsTheWinner() {
        Queue<Runnable> loop = new ArrayDeque<>();
        LoadBalancer balancer = balancer(first());
        CompletableFuture<Pick> pick = balancer.acquire(mine(), loop::add).toCompletableFuture();
        map.bound.complete(Optional.of(new Binding(B, 1)));
        assertThat(pick).as("it completes on the caller's executor").isNotDone();
        loop.remove().run();
        Lease lease = (Lease) pick.join();
        assertThat(lease.backend().id()).isEqualTo(B);
        assertThat(balancer.stats().openStreams()).isEqualTo(1);
        lease.complete(Outcome.success());
        assertNothingIsLeft(balancer);
    }

    @Test
    void aKeyThatNobodyHereKnowsIsAskedForOnce() {
        LoadBalancer balancer = balancer(first());
        CompletableFuture<Pick> pick = ask(balancer);
        map.bound.complete(Optional.of(new Binding(B, 1)));
        ((Lease) pick.join()).complete(Outcome.success());
        assertThat(map.asked).containsExactly("bind me a", "touch me");
    }

    @Test
    void whoFindsNoPlaceAsksForItsOwn() {
        LoadBalancer balancer = balancer(snapshot -> context -> Picker.NONE);
        CompletableFuture<Pick> pick = ask(balancer);
        map.found.complete(Optional.of(new Binding(B, 1)));
        Lease lease = (Lease) pick.join();
        assertThat(lease.backend().id()).isEqualTo(B);
        assertThat(lease.reason()).isEqualTo(PickReason.STICKY);
        lease.complete(Outcome.success());
        assertThat(map.asked).containsExactly("find", "touch me");
    }

    @Test
    void whoFindsNoPlaceAndIsNotBoundIsRefused() {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001").withMaxStreams(1))
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(map)
                .build();
        Lease taken = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        CompletableFuture<Pick> pick = ask(balancer);
        map.found.complete(Optional.empty());
        assertThat(pick.join()).isEqualTo(Refusal.of(Refusal.Reason.SATURATED));
        assertThat(map.asked).containsExactly("find");
        taken.complete(Outcome.success());
    }

    @Test
    void whoHasAskedDoesNotAskAgain() {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001").withMaxStreams(1))
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(map)
                .build();
        Lease taken = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        CompletableFuture<Pick> pick = ask(balancer);
        taken.complete(Outcome.success());
        map.found.complete(Optional.empty());
        ((Lease) pick.join()).complete(Outcome.success());
        assertThat(map.asked).containsExactly("find", "presume me a", "touch me");
    }

    @Test
    void whenTheWinnerCannotServeTheKeyIsBoundAnew() {
        LoadBalancer balancer = balancer(first());
        CompletableFuture<Pick> pick = ask(balancer);
        map.bound.complete(Optional.of(new Binding(new BackendId("gone"), 7)));
        assertThat(pick).isNotDone();
        assertThat(map.asked).hasSize(2).last().asString().startsWith("rebind 7 ");
        String chosen = map.asked.get(1).substring("rebind 7 ".length());
        map.rebound.complete(new Binding(new BackendId(chosen), 8));
        Lease lease = (Lease) pick.join();
        assertThat(lease.backend().id()).hasToString(chosen);
        assertThat(lease.reason()).isEqualTo(PickReason.FAILOVER);
        lease.complete(Outcome.success());
        assertNothingIsLeft(balancer);
    }

    @Test
    void whenTheWinnerCannotServeAndMayNotBeReplacedTheRequestIsRefused() {
        LoadBalancer balancer =
                builder(first()).stickyFallback(StickyFallback.REFUSE).build();
        CompletableFuture<Pick> pick = ask(balancer);
        map.bound.complete(Optional.of(new Binding(new BackendId("gone"), 7)));
        assertThat(pick.join()).isEqualTo(Refusal.of(Refusal.Reason.BOUND_BACKEND_UNFIT));
        assertNothingIsLeft(balancer);
    }

    @Test
    void withoutAnAnswerInTimeAllGatewaysChooseTheSameWhateverTheirStrategy() {
        for (int key = 0; key < 50; key++) {
            Set<BackendId> chosen = new HashSet<>();
            for (int strategy = 0; strategy < 2; strategy++) {
                int favourite = strategy;
                SlowMap down = new SlowMap();
                LoadBalancer balancer =
                        builder(snapshot -> context -> favourite).sessions(down).build();
                FakeRequest request = FakeRequest.get("/").header("X-Session-Id", "key-" + key);
                CompletableFuture<Pick> pick = balancer.acquire(request).toCompletableFuture();
                down.bound.complete(Optional.empty());
                Lease waited = (Lease) pick.join();
                chosen.add(waited.backend().id());
                waited.complete(Outcome.success());
                assertThat(down.asked)
                        .contains("presume key-" + key + " " + waited.backend().id());
                Lease now = (Lease) balancer.tryAcquire(request);
                chosen.add(now.backend().id());
                assertThat(now.reason()).isEqualTo(PickReason.HASH);
                now.complete(Outcome.success());
                assertThat(balancer.stats().openStreams()).isZero();
            }
            assertThat(chosen).as("key %d", key).hasSize(1);
        }
    }

    @Test
    void aKeyThatTheBackEndMakesIsBoundToIt() {
        AffinityRule issued = new AffinityRule() {
            @Override
            public Optional<AffinityKey> key(RequestView request, ClientOrigin origin) {
                return request.header("Mcp-Session-Id").map(AffinityKey::of);
            }

            @Override
            public Optional<AffinityKey> learned(ResponseView response) {
                return response.headers("Mcp-Session-Id").stream().findFirst().map(AffinityKey::of);
            }
        };
        LoadBalancer balancer = builder(first()).affinity(issued).build();
        map.bound.complete(Optional.empty());
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        lease.responseStarted(new FakeResponse(200).with("Mcp-Session-Id", "made"));
        lease.complete(Outcome.success());
        assertThat(map.asked)
                .as("and presumed, since the store did not answer")
                .containsExactly("bind made a", "presume made a");
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
        map.bound.complete(Optional.of(new Binding(B, 1)));
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
