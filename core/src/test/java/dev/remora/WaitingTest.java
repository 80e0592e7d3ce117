package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyFallback;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Guard;
import dev.remora.http.FakeHeaders;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.session.SessionMap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Requests wait while back ends are only full: in order, within bounds, and no longer than they may. */
class WaitingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final StickyCookie COOKIE =
            StickyCookie.signedWith("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

    private final FakeTime time = new FakeTime();
    private final MutableBackends backends = BackendSource.mutable(backend("a", 1), backend("b", 1));

    private static Backend backend(String id, int maxStreams) {
        return Backend.of(id, "http://127.0.0.1:9001").withMaxStreams(maxStreams);
    }

    private LoadBalancer balancer() {
        return balancer(settings -> settings.waiting(Waiting.upTo(2, 3).atMost(PATIENCE)));
    }

    private LoadBalancer balancer(UnaryOperator<LoadBalancerBuilder> settings) {
        return settings.apply(LoadBalancer.builder()
                        .backends(backends)
                        .clock(time)
                        .scheduler(time)
                        .stickyCookie(COOKIE))
                .build();
    }

    private static CompletableFuture<Pick> ask(LoadBalancer balancer) {
        return ask(balancer, FakeRequest.get("/"));
    }

    private static CompletableFuture<Pick> ask(LoadBalancer balancer, FakeRequest request) {
        return balancer.acquire(request).toCompletableFuture();
    }

    private static Lease taken(CompletableFuture<Pick> pick) {
        assertThat(pick).isDone();
        return (Lease) pick.join();
    }

    private static Refusal.Reason refused(CompletableFuture<Pick> pick) {
        assertThat(pick).isDone();
        return ((Refusal) pick.join()).reason();
    }

    private static List<Lease> fill(LoadBalancer balancer) {
        List<Lease> leases = new ArrayList<>();
        while (balancer.tryAcquire(FakeRequest.get("/")) instanceof Lease lease) {
            leases.add(lease);
        }
        return leases;
    }

    private static Lease on(List<Lease> leases, String id) {
        return leases.stream().filter(lease -> id(lease).equals(id)).findFirst().orElseThrow();
    }

    private static String id(Lease lease) {
        return lease.backend().id().value();
    }

    /** A request of a client that is bound to a back end. */
    private FakeRequest boundTo(String id) {
        LoadBalancer other = LoadBalancer.builder()
                .backends(backend(id, 1))
                .stickyCookie(COOKIE)
                .build();
        Lease lease = (Lease) other.tryAcquire(FakeRequest.get("/"));
        FakeHeaders headers = new FakeHeaders();
        lease.responseStarted(new FakeResponse(200)).applyTo(headers);
        String cookie = headers.values("set-cookie").get(0);
        return FakeRequest.get("/").header("Cookie", cookie.substring(0, cookie.indexOf(';')));
    }

    private static int waiting(LoadBalancer balancer) {
        return balancer.stats().waiting();
    }

    @Test
    void nobodyWaitsByDefault() {
        LoadBalancer balancer = balancer(settings -> settings);
        fill(balancer);
        assertThat(refused(ask(balancer))).isEqualTo(Refusal.Reason.SATURATED);
        assertThat(refused(ask(balancer, boundTo("a")))).isEqualTo(Refusal.Reason.SATURATED);
    }

    @Test
    void freedPlacesGoToTheFirstInTheQueue() {
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        CompletableFuture<Pick> first = ask(balancer);
        CompletableFuture<Pick> second = ask(balancer);
        assertThat(waiting(balancer)).isEqualTo(2);
        leases.get(0).complete(Outcome.success());
        assertThat(id(taken(first))).isEqualTo(id(leases.get(0)));
        assertThat(second).isNotDone();
        leases.get(1).complete(Outcome.cancelled());
        assertThat(id(taken(second))).isEqualTo(id(leases.get(1)));
        assertThat(waiting(balancer)).isZero();
    }

    @Test
    void aFullQueueRefusesAtOnceAndTryAcquireAlways() {
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        for (int i = 0; i < 3; i++) {
            assertThat(ask(balancer)).isNotDone();
        }
        assertThat(refused(ask(balancer))).isEqualTo(Refusal.Reason.SATURATED);
        assertThat(balancer.tryAcquire(FakeRequest.get("/"))).isInstanceOf(Refusal.class);
        leases.get(0).complete(Outcome.success());
        assertThat(balancer.tryAcquire(FakeRequest.get("/")))
                .as("two still wait, and they came before")
                .isInstanceOf(Refusal.class);
    }

    @Test
    void patienceEndsToTheNanosecond() {
        LoadBalancer balancer = balancer();
        fill(balancer);
        CompletableFuture<Pick> first = ask(balancer);
        time.advance(Duration.ofMillis(1_234));
        CompletableFuture<Pick> second = ask(balancer);
        time.advance(PATIENCE.minus(Duration.ofMillis(1_234)).minusNanos(1));
        assertThat(first).isNotDone();
        time.advance(Duration.ofNanos(1));
        assertThat(refused(first)).isEqualTo(Refusal.Reason.SATURATED);
        assertThat(((Refusal) first.join()).problem().retryAfter().orElseThrow())
                .isPositive();
        assertThat(second).isNotDone();
        time.advance(Duration.ofMillis(1_234));
        assertThat(refused(second)).isEqualTo(Refusal.Reason.SATURATED);
        assertThat(waiting(balancer)).isZero();
    }

    @Test
    void aBoundClientWaitsForItsOwnAndThenFallsBack() {
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        FakeRequest mine = boundTo("a");
        CompletableFuture<Pick> pick = ask(balancer, mine);
        on(leases, "b").complete(Outcome.success());
        assertThat(pick).as("its own is still full").isNotDone();
        on(leases, "a").complete(Outcome.success());
        Lease own = taken(pick);
        assertThat(id(own)).isEqualTo("a");
        assertThat(own.reason()).isEqualTo(PickReason.STICKY);

        CompletableFuture<Pick> again = ask(balancer, mine);
        time.advance(PATIENCE);
        Lease instead = taken(again);
        assertThat(id(instead)).isEqualTo("b");
        assertThat(instead.reason()).isEqualTo(PickReason.FAILOVER);
    }

    @Test
    void afterWaitingInVainTheFallbackRefuses() {
        LoadBalancer balancer = balancer(settings ->
                settings.waiting(Waiting.upTo(1, 0).atMost(PATIENCE)).stickyFallback(StickyFallback.REFUSE));
        fill(balancer);
        FakeRequest mine = boundTo("a");
        CompletableFuture<Pick> pick = ask(balancer, mine);
        assertThat(refused(ask(balancer, mine))).isEqualTo(Refusal.Reason.BOUND_BACKEND_UNFIT);
        assertThat(refused(ask(balancer))).as("the pool has no queue").isEqualTo(Refusal.Reason.SATURATED);
        assertThat(pick).isNotDone();
        time.advance(PATIENCE);
        assertThat(refused(pick)).isEqualTo(Refusal.Reason.BOUND_BACKEND_UNFIT);
    }

    @Test
    void newcomersDoNotOvertakeThoseWhoWaitForOneBackEnd() {
        List<String> order = new ArrayList<>();
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        CompletableFuture<Pick> bound = ask(balancer, boundTo("a"));
        CompletableFuture<Pick> anyone = ask(balancer);
        CompletableFuture<Boolean> one = bound.thenApply(pick -> order.add("bound"));
        CompletableFuture<Boolean> two = anyone.thenApply(pick -> order.add("anyone"));
        on(leases, "a").complete(Outcome.success());
        assertThat(order).containsExactly("bound");
        assertThat(one).isCompleted();
        assertThat(two).isNotDone();
        on(leases, "b").complete(Outcome.success());
        assertThat(id(taken(anyone))).isEqualTo("b");
    }

    @Test
    void whoWaitsForABackEndMovesOnWhenItIsRemoved() {
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        CompletableFuture<Pick> one = ask(balancer, boundTo("a"));
        CompletableFuture<Pick> two = ask(balancer, boundTo("a"));
        on(leases, "b").complete(Outcome.success());
        backends.remove("a");
        assertThat(id(taken(one))).isEqualTo("b");
        assertThat(two).as("all are full: it waits for the pool").isNotDone();
        ((Lease) one.join()).complete(Outcome.success());
        assertThat(id(taken(two))).isEqualTo("b");
    }

    @Test
    void whoWaitsForABackEndMovesOnWhenItFails() {
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        FakeRequest mine = boundTo("a");
        CompletableFuture<Pick> pick = ask(balancer, mine);
        on(leases, "b").complete(Outcome.success());
        on(leases, "a").complete(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(id(taken(pick))).isEqualTo("b");
    }

    @Test
    void aSoftDrainKeepsThoseWhoWaitForTheirOwnAndAHardOneSendsThemOn() {
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        CompletableFuture<Pick> pick = ask(balancer, boundTo("a"));
        on(leases, "b").complete(Outcome.success());
        balancer.drain("a", Drain.softly(Duration.ofSeconds(1)).until(Duration.ofMinutes(1)));
        assertThat(pick).as("bound clients may stay").isNotDone();
        time.advance(Duration.ofSeconds(1));
        assertThat(id(taken(pick))).isEqualTo("b");
    }

    @Test
    void aDrainThatIsCancelledWakes() {
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        Draining drain = balancer.drain("a", Drain.softly(Duration.ofMinutes(1)).until(Duration.ofMinutes(2)));
        CompletableFuture<Pick> pick = ask(balancer);
        on(leases, "a").complete(Outcome.success());
        assertThat(pick).isNotDone();
        drain.cancel();
        assertThat(id(taken(pick))).isEqualTo("a");
    }

    @Test
    void aShutdownRefusesThoseWhoWait() {
        LoadBalancer balancer = balancer();
        fill(balancer);
        CompletableFuture<Pick> pick = ask(balancer);
        balancer.shutdown(Drain.softly(Duration.ZERO).until(Duration.ofMinutes(1)));
        assertThat(refused(pick)).isEqualTo(Refusal.Reason.CLOSED);
    }

    @Test
    void everythingThatMakesRoomWakes() {
        LoadBalancer balancer = balancer();
        fill(balancer);
        CompletableFuture<Pick> first = ask(balancer);
        backends.add(backend("c", 1));
        assertThat(id(taken(first))).isEqualTo("c");

        CompletableFuture<Pick> second = ask(balancer);
        backends.remove("b");
        assertThat(second).isNotDone();
        backends.add(backend("b", 2));
        assertThat(id(taken(second))).as("its cap has risen").isEqualTo("b");
        assertThat(balancer.stats().openStreams()).isEqualTo(4);
    }

    @Test
    void healthThatReturnsWithTimeWakes() {
        LoadBalancer balancer =
                balancer(settings -> settings.waiting(Waiting.upTo(0, 3).atMost(Duration.ofMinutes(1))));
        Lease failed = on(fill(balancer), "a");
        failed.complete(Outcome.failure(FailureKind.NO_RESPONSE));
        CompletableFuture<Pick> pick = ask(balancer);
        assertThat(pick).as("a is unfit, b is full").isNotDone();
        time.advance(Duration.ofMillis(10_200));
        assertThat(id(taken(pick))).isEqualTo("a");
    }

    @Test
    void aPoolWithoutMembersDoesNotLetWait() {
        LoadBalancer balancer = balancer();
        fill(balancer);
        CompletableFuture<Pick> pick = ask(balancer);
        backends.remove("a");
        backends.remove("b");
        assertThat(refused(pick)).isEqualTo(Refusal.Reason.NO_BACKEND);
    }

    @Test
    void whoLeavesIsForgottenAtOnceAndItsPermitsAreReleased() {
        LoadBalancer balancer =
                balancer(settings -> settings.waiting(Waiting.upTo(0, 3)).guard(Guard.openStreams(4)));
        List<Lease> leases = fill(balancer);
        CompletableFuture<Pick> first = ask(balancer);
        CompletableFuture<Pick> second = ask(balancer);
        assertThat(refused(ask(balancer))).isEqualTo(Refusal.Reason.DENIED);
        first.cancel(false);
        assertThat(waiting(balancer)).isEqualTo(1);
        assertThat(ask(balancer)).as("its permit is free").isNotDone();
        leases.get(0).complete(Outcome.success());
        assertThat(id(taken(second))).isEqualTo(id(leases.get(0)));
        assertThat(balancer.stats().openStreams()).isEqualTo(2);
    }

    @Test
    void closingRefusesAll() {
        LoadBalancer balancer = balancer();
        fill(balancer);
        CompletableFuture<Pick> anyone = ask(balancer);
        CompletableFuture<Pick> bound = ask(balancer, boundTo("a"));
        balancer.close();
        assertThat(refused(anyone)).isEqualTo(Refusal.Reason.CLOSED);
        assertThat(refused(bound)).isEqualTo(Refusal.Reason.CLOSED);
    }

    @Test
    void aLatePickCompletesOnTheExecutorOfTheCaller() {
        Queue<Runnable> loop = new ArrayDeque<>();
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        CompletableFuture<Pick> one =
                balancer.acquire(FakeRequest.get("/"), loop::add).toCompletableFuture();
        CompletableFuture<Pick> two =
                balancer.acquire(FakeRequest.get("/"), loop::add).toCompletableFuture();
        leases.forEach(lease -> lease.complete(Outcome.success()));
        assertThat(one).isNotDone();
        two.cancel(false);
        assertThat(loop).hasSize(2);
        loop.forEach(Runnable::run);
        taken(one).complete(Outcome.success());
        assertThat(balancer.stats().openStreams())
                .as("the place of the one that left in the last moment is given back")
                .isZero();
    }

    @Test
    void anExecutorThatIsGoneCostsNoPlace() {
        LoadBalancer balancer = balancer();
        List<Lease> leases = fill(balancer);
        CompletableFuture<Pick> pick = balancer.acquire(FakeRequest.get("/"), task -> {
                    throw new RejectedExecutionException("the loop is gone");
                })
                .toCompletableFuture();
        leases.forEach(lease -> lease.complete(Outcome.success()));
        assertThatThrownBy(pick::join).hasCauseInstanceOf(RejectedExecutionException.class);
        assertThat(balancer.stats().openStreams()).isZero();
    }

    @Test
    void aKeyThatWaitedIsRemembered() {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(backends)
                .clock(time)
                .scheduler(time)
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(SessionMap.local(100, Duration.ofMinutes(5), time))
                .waiting(Waiting.upTo(1, 1))
                .build();
        List<Lease> leases = fill(balancer);
        FakeRequest mine = FakeRequest.get("/").header("X-Session-Id", "me");
        CompletableFuture<Pick> pick = ask(balancer, mine);
        leases.get(1).complete(Outcome.success());
        Lease first = taken(pick);
        CompletableFuture<Pick> again = ask(balancer, mine);
        leases.get(0).complete(Outcome.success());
        assertThat(again).as("it waits for its own").isNotDone();
        first.complete(Outcome.success());
        assertThat(id(taken(again))).isEqualTo(id(first));
        assertThat(taken(again).reason()).isEqualTo(PickReason.STICKY);
    }

    @Test
    void badNumbersAreNamed() {
        assertThatThrownBy(() -> Waiting.upTo(-1, 0)).hasMessage("perBackend: -1 (expected: >= 0)");
        assertThatThrownBy(() -> Waiting.upTo(0, -1)).hasMessage("inPool: -1 (expected: >= 0)");
        assertThatThrownBy(() -> Waiting.none().atMost(Duration.ZERO))
                .hasMessage("patience: PT0S (expected: > 0, at most a day)");
    }
}
