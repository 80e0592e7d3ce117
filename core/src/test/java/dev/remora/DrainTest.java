package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.BalancerStats.Status;
import dev.remora.Draining.Phase;
import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.StickyFallback;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.session.SessionMap;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class DrainTest {

    private static final Drain PLAN = Drain.softly(Duration.ofMinutes(1))
            .until(Duration.ofMinutes(6))
            .closeCode(1012)
            .retryAfter(Duration.ofSeconds(3));

    private final FakeTime time = new FakeTime();
    private final MutableBackends backends =
            BackendSource.mutable(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"));
    private final List<String> drained = new ArrayList<>();

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .random(new Random(7))
                .backends(backends)
                .strategy(Strategy.roundRobin())
                .listener(new BalancerListener() {
                    @Override
                    public void drained(BackendId backend) {
                        drained.add(backend.value());
                    }
                });
    }

    private LoadBalancerBuilder withSessions() {
        return builder().affinity(AffinityRule.header("chat")).sessions(SessionMap.local(1_000, Duration.ofHours(2)));
    }

    private static FakeRequest of(String chat) {
        return FakeRequest.get("/").header("chat", chat);
    }

    private static Lease lease(LoadBalancer balancer, FakeRequest request) {
        return (Lease) balancer.tryAcquire(request);
    }

    private static String home(LoadBalancer balancer, String chat) {
        Lease lease = lease(balancer, of(chat));
        lease.complete(Outcome.success());
        return lease.backend().id().value();
    }

    /** A stream on a back end, with the instants in milliseconds at which it is asked. */
    private Watched watched(LoadBalancer balancer, String backend) {
        while (true) {
            Lease lease = lease(balancer, FakeRequest.get("/"));
            if (lease.backend().id().value().equals(backend)) {
                return new Watched(lease);
            }
            lease.complete(Outcome.cancelled());
        }
    }

    private final class Watched {
        private final Lease lease;
        private final long from = time.nanos();
        private final List<EndRequest> asked = new ArrayList<>();
        private final List<Long> atMillis = new ArrayList<>();

        Watched(Lease lease) {
            this.lease = lease;
            lease.onEndRequested(request -> {
                asked.add(request);
                atMillis.add((time.nanos() - from) / 1_000_000);
            });
        }

        List<EndRequest.Urgency> urgencies() {
            return asked.stream().map(EndRequest::urgency).toList();
        }

        void end() {
            assertThat(lease.complete(Outcome.cancelled())).isTrue();
        }
    }

    private static Status status(LoadBalancer balancer, String id) {
        return balancer.stats().backends().stream()
                .filter(stats -> stats.backend().id().value().equals(id))
                .findFirst()
                .orElseThrow()
                .status();
    }

    @Test
    void newClientsGoElsewhereAtOnce() {
        LoadBalancer balancer = builder().build();
        Watched open = watched(balancer, "a");
        Draining run = balancer.drain("a", PLAN);
        assertThat(status(balancer, "a")).isEqualTo(Status.DRAINING);
        assertThat(run.phase()).isEqualTo(Phase.SOFT);
        assertThat(run.openStreams()).isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            assertThat(lease(balancer, FakeRequest.get("/")).backend().id().value())
                    .isEqualTo("b");
        }
        open.end();
    }

    @Test
    void boundClientsAreServedUntilTheSoftDeadlineAndReboundAfterIt() {
        LoadBalancer balancer = withSessions().build();
        assertThat(home(balancer, "one")).isEqualTo("a");
        balancer.drain("a", PLAN);
        time.advance(Duration.ofMillis(59_999));
        assertThat(home(balancer, "one")).isEqualTo("a");
        time.advance(Duration.ofMillis(1));
        assertThat(home(balancer, "one")).isEqualTo("b");
        assertThat(home(balancer, "one")).as("for good").isEqualTo("b");
    }

    @Test
    void afterTheSoftDeadlineClientsThatMayNotMoveAreRefusedUntilTheDrainIsCancelled() {
        LoadBalancer balancer =
                withSessions().stickyFallback(StickyFallback.REFUSE).build();
        assertThat(home(balancer, "one")).isEqualTo("a");
        Draining run = balancer.drain("a", PLAN);
        time.advance(Duration.ofMinutes(1));
        assertThat(((Refusal) balancer.tryAcquire(of("one"))).reason()).isEqualTo(Refusal.Reason.BOUND_BACKEND_UNFIT);
        assertThat(run.cancel()).isTrue();
        assertThat(home(balancer, "one")).isEqualTo("a");
    }

    @Test
    void streamsAreAskedPolitelyBetweenTheDeadlinesAndForGoodAtTheHardOne() {
        LoadBalancer balancer = builder().build();
        Watched open = watched(balancer, "a");
        Watched other = watched(balancer, "b");
        Draining run = balancer.drain("a", PLAN);
        time.advance(Duration.ofMinutes(1));
        assertThat(open.asked).isEmpty();
        assertThat(run.phase()).isEqualTo(Phase.CLOSING);
        time.advance(Duration.ofMinutes(5));
        assertThat(run.phase()).isEqualTo(Phase.OVERDUE);
        assertThat(open.asked)
                .containsExactly(
                        new EndRequest(EndRequest.Reason.DRAIN, EndRequest.Urgency.POLITE, 1012, Duration.ofSeconds(3)),
                        new EndRequest(EndRequest.Reason.DRAIN, EndRequest.Urgency.NOW, 1012, Duration.ofSeconds(3)));
        assertThat(open.atMillis.get(0)).isBetween(60_000L, 360_000L);
        assertThat(open.atMillis.get(1)).isEqualTo(360_000);
        assertThat(other.asked).as("a back end that did not change").isEmpty();
        assertThat(run.empty().toCompletableFuture()).isNotDone();
        open.end();
        assertThat(run.empty().toCompletableFuture()).isCompleted();
        assertThat(run.phase()).isEqualTo(Phase.EMPTY);
        assertThat(drained).containsExactly("a");
        assertThat(status(balancer, "a")).as("it stays drained").isEqualTo(Status.DRAINING);
        other.end();
    }

    @Test
    void theAskingIsSpreadEvenlyOverTheWindow() {
        int streams = 2_000;
        LoadBalancer balancer = builder().build();
        List<Watched> open = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            open.add(watched(balancer, "a"));
        }
        balancer.drain("a", PLAN);
        time.advance(Duration.ofMinutes(6));
        int[] tenths = new int[10];
        int most = 0;
        for (Watched each : open) {
            tenths[(int) Math.min(9, (each.atMillis.get(0) - 60_000) / 30_000)]++;
        }
        for (Watched each : open) {
            most = Math.max(most, (int) open.stream()
                    .filter(one -> one.atMillis.equals(each.atMillis))
                    .count());
        }
        // A step of 50 ms moves the few at the border of two tenths.
        assertThat(Arrays.stream(tenths).boxed())
                .as("per tenth of the window")
                .allMatch(count -> Math.abs(count - streams / 10) <= 2);
        assertThat(most).as("asked at one instant").isLessThanOrEqualTo(3);
        open.forEach(Watched::end);
    }

    @Test
    void aShorterSpreadAsksEarlier() {
        LoadBalancer balancer = builder().build();
        List<Watched> open = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            open.add(watched(balancer, "a"));
        }
        balancer.drain("a", PLAN.spread(Duration.ofSeconds(10)));
        time.advance(Duration.ofMillis(70_050));
        assertThat(open).allMatch(each -> each.asked.size() == 1);
        open.forEach(Watched::end);
    }

    @Test
    void streamsThatAreOpenedOrListenLaterAreAskedToo() {
        LoadBalancer balancer = withSessions().build();
        assertThat(home(balancer, "one")).isEqualTo("a");
        Lease silent = lease(balancer, of("one"));
        balancer.drain("a", PLAN);
        time.advance(Duration.ofSeconds(30));
        Watched meanwhile = new Watched(lease(balancer, of("one")));
        time.advance(Duration.ofSeconds(130));
        Watched late = new Watched(silent);
        assertThat(late.asked).isEmpty();
        time.advance(Duration.ofSeconds(199));
        assertThat(meanwhile.urgencies()).containsExactly(EndRequest.Urgency.POLITE);
        assertThat(late.urgencies()).containsExactly(EndRequest.Urgency.POLITE);
        time.advance(Duration.ofSeconds(1));
        assertThat(late.urgencies()).containsExactly(EndRequest.Urgency.POLITE, EndRequest.Urgency.NOW);
        List<EndRequest> again = new ArrayList<>();
        late.lease.onEndRequested(again::add);
        assertThat(again).as("a listener that comes last").hasSize(1);
        meanwhile.end();
        late.end();
    }

    @Test
    void aStreamThatGetsItsListenerAfterTheHardDeadlineIsAskedAtOnce() {
        LoadBalancer balancer = builder().build();
        Lease silent = lease(balancer, FakeRequest.get("/"));
        balancer.drain(silent.backend().id(), PLAN);
        time.advance(Duration.ofSeconds(361));
        assertThat(new Watched(silent).urgencies()).containsExactly(EndRequest.Urgency.NOW);
        silent.complete(Outcome.cancelled());
    }

    @Test
    void aBackEndWithoutStreamsIsEmptyAtOnceWhereNoClientIsBound() {
        LoadBalancer balancer = builder().build();
        Draining run = balancer.drain("a", PLAN);
        assertThat(run.empty().toCompletableFuture()).isCompleted();
        assertThat(drained).containsExactly("a");
    }

    @Test
    void whileBoundClientsMayComeAnIdleBackEndIsNotEmpty() {
        LoadBalancer balancer = withSessions().build();
        assertThat(home(balancer, "one")).isEqualTo("a");
        Draining run = balancer.drain("a", PLAN);
        assertThat(run.empty().toCompletableFuture()).isNotDone();
        assertThat(home(balancer, "one")).isEqualTo("a");
        assertThat(run.empty().toCompletableFuture()).isNotDone();
        time.advance(Duration.ofMinutes(1));
        assertThat(run.empty().toCompletableFuture()).isCompleted();
    }

    @Test
    void withoutASoftTimeNobodyIsServedAnyMore() {
        LoadBalancer balancer = withSessions().build();
        assertThat(home(balancer, "one")).isEqualTo("a");
        Draining run = balancer.drain("a", Drain.softly(Duration.ZERO).until(Duration.ofSeconds(9)));
        assertThat(run.phase()).isEqualTo(Phase.EMPTY);
        assertThat(home(balancer, "one")).isEqualTo("b");
    }

    @Test
    void aDrainThatIsCancelledHalfWayLeavesNoTrace() {
        LoadBalancer balancer = withSessions().build();
        assertThat(home(balancer, "one")).isEqualTo("a");
        List<Watched> open = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            open.add(new Watched(lease(balancer, of("one"))));
        }
        Draining run = balancer.drain("a", PLAN);
        time.advance(Duration.ofSeconds(210));
        long asked = open.stream().filter(each -> !each.asked.isEmpty()).count();
        assertThat(asked).isBetween(49L, 51L);
        assertThat(run.cancel()).isTrue();
        assertThat(run.cancel()).isFalse();
        assertThat(run.phase()).isEqualTo(Phase.CANCELLED);
        assertThatThrownBy(() -> run.empty().toCompletableFuture().join())
                .hasCauseInstanceOf(CancellationException.class);
        assertThat(home(balancer, "one")).isEqualTo("a");
        assertThat(status(balancer, "a")).isEqualTo(Status.READY);
        time.advance(Duration.ofHours(1));
        assertThat(open.stream().filter(each -> !each.asked.isEmpty()).count()).isEqualTo(asked);
        assertThat(open).allMatch(each -> each.asked.size() <= 1);
        assertThat(open)
                .as("wishes that were not followed are taken back")
                .allMatch(each -> each.lease.endRequest().isEmpty());

        balancer.drain("a", PLAN.spread(Duration.ofMinutes(1)));
        time.advance(Duration.ofSeconds(130));
        assertThat(open)
                .as("the next drain asks anew")
                .allMatch(each -> each.lease.endRequest().isPresent());
        open.forEach(Watched::end);
    }

    @Test
    void aLaterDrainOfTheSameBackEndReplacesThePlan() {
        LoadBalancer balancer = builder().build();
        Watched open = watched(balancer, "a");
        Draining first = balancer.drain("a", PLAN);
        time.advance(Duration.ofSeconds(359));
        assertThat(open.asked).hasSize(1);
        Draining second = balancer.drain("a", PLAN.closeCode(1001));
        assertThat(first.phase()).isEqualTo(Phase.REPLACED);
        assertThat(first.cancel()).as("it has nothing to say any more").isFalse();
        assertThat(open.lease.endRequest()).isEmpty();
        time.advance(Duration.ofMinutes(1));
        assertThat(second.phase()).isEqualTo(Phase.CLOSING);
        time.advance(Duration.ofMinutes(5));
        assertThat(open.asked).hasSize(3);
        assertThat(open.asked.get(2).closeCode()).isEqualTo(1001);
        open.end();
        assertThat(first.empty().toCompletableFuture()).isCompleted();
        assertThat(second.empty().toCompletableFuture()).isCompleted();
        assertThat(drained).containsExactly("a");
    }

    @Test
    void twoBackEndsDrainSideBySide() {
        backends.add(Backend.of("c", "http://127.0.0.1:9003"));
        LoadBalancer balancer = builder().build();
        Watched onA = watched(balancer, "a");
        Watched onB = watched(balancer, "b");
        Watched onC = watched(balancer, "c");
        Draining a = balancer.drain("a", Drain.softly(Duration.ofSeconds(1)).until(Duration.ofSeconds(10)));
        Draining b = balancer.drain("b", Drain.softly(Duration.ofSeconds(1)).until(Duration.ofSeconds(20)));
        time.advance(Duration.ofSeconds(10));
        assertThat(a.phase()).isEqualTo(Phase.OVERDUE);
        assertThat(b.phase()).isEqualTo(Phase.CLOSING);
        a.cancel();
        time.advance(Duration.ofSeconds(10));
        assertThat(onB.urgencies()).endsWith(EndRequest.Urgency.NOW);
        assertThat(onC.asked).isEmpty();
        assertThat(status(balancer, "a")).isEqualTo(Status.READY);
        assertThat(status(balancer, "b")).isEqualTo(Status.DRAINING);
        List.of(onA, onB, onC).forEach(Watched::end);
        assertThat(b.empty().toCompletableFuture()).isCompleted();
    }

    @Test
    void theStreamsOfABackEndThatLeavesItsSourceEndByTheSameDeadlines() {
        LoadBalancer balancer = withSessions().build();
        Watched open = new Watched(lease(balancer, of("one")));
        assertThat(open.lease.backend().id().value()).isEqualTo("a");
        Draining run = balancer.drain("a", PLAN);
        backends.remove("a");
        time.advance(Duration.ofMinutes(6));
        assertThat(open.urgencies()).containsExactly(EndRequest.Urgency.POLITE, EndRequest.Urgency.NOW);
        assertThat(open.atMillis.get(1)).isEqualTo(360_000);
        open.end();
        assertThat(run.empty().toCompletableFuture()).isCompleted();
        backends.add(Backend.of("a", "http://127.0.0.1:9001"));
        assertThat(status(balancer, "a")).as("it returns as a new one").isEqualTo(Status.READY);
        assertThat(run.cancel()).isFalse();
    }

    @Test
    void aBackEndThatIsIdleAndLeavesIsEmpty() {
        LoadBalancer balancer = withSessions().build();
        Draining run = balancer.drain("a", PLAN);
        assertThat(run.empty().toCompletableFuture()).isNotDone();
        backends.remove("a");
        assertThat(run.empty().toCompletableFuture()).isCompleted();
        backends.add(Backend.of("a", "http://127.0.0.1:9001"));
        assertThat(status(balancer, "a")).isEqualTo(Status.READY);
    }

    @Test
    void aBackEndThatFlapsWithStreamsOpenIsStillDrained() {
        LoadBalancer balancer = builder().build();
        Watched open = watched(balancer, "a");
        Draining run = balancer.drain("a", PLAN);
        backends.remove("a");
        time.advance(Duration.ofSeconds(100));
        backends.add(Backend.of("a", "http://127.0.0.1:9001"));
        backends.reweigh("a", 5);
        assertThat(status(balancer, "a")).isEqualTo(Status.DRAINING);
        time.advance(Duration.ofSeconds(260));
        assertThat(open.urgencies()).containsExactly(EndRequest.Urgency.POLITE, EndRequest.Urgency.NOW);
        open.end();
        assertThat(run.empty().toCompletableFuture()).isCompleted();
        assertThat(status(balancer, "a")).isEqualTo(Status.DRAINING);
        assertThat(run.cancel()).isTrue();
        assertThat(status(balancer, "a")).isEqualTo(Status.READY);
    }

    @Test
    void theStreamsOfABackEndThatHasLeftCanBeDrained() {
        LoadBalancer balancer = builder().build();
        Watched open = watched(balancer, "a");
        backends.remove("a");
        Draining run = balancer.drain("a", PLAN);
        time.advance(Duration.ofMinutes(6));
        assertThat(open.urgencies()).endsWith(EndRequest.Urgency.NOW);
        open.end();
        assertThat(run.empty().toCompletableFuture()).isCompleted();
    }

    @Test
    void aBalancerThatIsClosedEndsItsDrains() {
        LoadBalancer balancer = withSessions().build();
        Watched open = new Watched(lease(balancer, of("one")));
        Draining a = balancer.drain("a", PLAN);
        Draining b = balancer.drain("b", PLAN);
        balancer.close();
        assertThat(b.empty().toCompletableFuture())
                .as("nobody can come any more")
                .isCompleted();
        assertThat(open.urgencies()).containsExactly(EndRequest.Urgency.NOW);
        assertThat(a.empty().toCompletableFuture()).isNotDone();
        open.end();
        assertThat(a.empty().toCompletableFuture()).isCompleted();
    }

    @Test
    void whenOnlyABackEndThatDrainsIsFitHealthIsIgnored() {
        LoadBalancer balancer = builder().build();
        balancer.drain("a", PLAN);
        lease(balancer, FakeRequest.get("/")).complete(Outcome.failure(FailureKind.CONNECT));
        assertThat(status(balancer, "b")).isEqualTo(Status.UNFIT);
        Lease trial = lease(balancer, FakeRequest.get("/"));
        assertThat(trial.backend().id().value()).isEqualTo("b");
        trial.complete(Outcome.success());
    }

    @Test
    void whoRetriesLeavesTheBackEndThatDrains() {
        LoadBalancer balancer = builder().build();
        Lease lease = lease(balancer, FakeRequest.get("/"));
        Draining run = balancer.drain(lease.backend().id(), PLAN);
        Pick next = lease.retry(Outcome.failure(FailureKind.CONNECT));
        assertThat(run.empty().toCompletableFuture()).isCompleted();
        ((Lease) next).complete(Outcome.success());
    }

    @Test
    void anUnknownBackEndIsNotDrained() {
        LoadBalancer balancer = builder().build();
        assertThatThrownBy(() -> balancer.drain("z", PLAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend id: z (expected: one of [a, b])");
    }

    @Test
    void aPlanThatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> Drain.softly(Duration.ofSeconds(-1))).hasMessage("soft: PT-1S (expected: >= 0)");
        assertThatThrownBy(() -> Drain.softly(Duration.ofSeconds(5)).until(Duration.ofSeconds(4)))
                .hasMessage("hard: PT4S (expected: PT5S to 365 days)");
        assertThatThrownBy(() -> PLAN.spread(Duration.ofSeconds(301)))
                .hasMessage("spread: PT5M1S (expected: at most PT5M)");
        assertThatThrownBy(() -> PLAN.closeCode(1006)).hasMessageStartingWith("closeCode: 1006 (expected: ");
        assertThatThrownBy(() -> PLAN.closeCode(999))
                .hasMessage("closeCode: 999 (expected: 1000 to 4999, and not 1004, 1005, 1006 or 1015)");
        assertThatThrownBy(() -> PLAN.retryAfter(Duration.ofSeconds(-1)))
                .hasMessage("retryAfter: PT-1S (expected: >= 0)");
    }
}
