package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.BalancerStats.Status;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.pool.Snapshot;
import dev.remora.strategy.Picker;
import dev.remora.strategy.Strategy;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PoolTest {

    private final FakeTime time = new FakeTime();
    private final FakeRequest request = FakeRequest.get("/");
    private final MutableBackends backends =
            BackendSource.mutable(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"));

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .backends(backends)
                .strategy(Strategy.roundRobin());
    }

    private static String id(Pick pick) {
        return ((Lease) pick).backend().id().value();
    }

    @Test
    void anEmptyPoolRefuses() {
        LoadBalancer balancer =
                LoadBalancer.builder().backends(BackendSource.mutable()).build();
        Refusal refusal = (Refusal) balancer.tryAcquire(request);
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.NO_BACKEND);
        assertThat(refusal.problem().status()).isEqualTo(503);
        assertThat(balancer.stats().refused()).isEqualTo(1);
    }

    @Test
    void changesOfTheListReachTheNextRequest() {
        LoadBalancer balancer = builder().build();
        backends.remove("a");
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("b");
        backends.add(Backend.of("c", "http://127.0.0.1:9003"));
        backends.drain("b");
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("c");
        assertThat(balancer.stats().version()).isEqualTo(4);
    }

    @Test
    void streamsOfABackEndThatWasRemovedAndReturnsAreStillCounted() {
        LoadBalancer balancer = builder().build();
        Lease onA = (Lease) balancer.tryAcquire(request);
        assertThat(id(onA)).isEqualTo("a");
        backends.remove("a");
        backends.remove("b");
        backends.add(Backend.of("a", "http://127.0.0.1:9001").withWeight(3));
        assertThat(balancer.stats().openStreams()).isEqualTo(1);
        onA.complete(Outcome.success());
        assertThat(balancer.stats().openStreams()).isZero();
        assertThat(balancer.stats().backends().get(0).succeeded()).isEqualTo(1);
    }

    @Test
    void theSameIdAtAnotherAddressIsAnotherBackEnd() {
        LoadBalancer balancer = builder().build();
        Lease onA = (Lease) balancer.tryAcquire(request);
        ((Lease) balancer.tryAcquire(request)).complete(Outcome.success());
        Lease failing = (Lease) balancer.tryAcquire(request);
        assertThat(id(failing)).isEqualTo("a");
        failing.complete(Outcome.failure(FailureKind.CONNECT));
        backends.remove("a");
        backends.add(Backend.of("a", "http://127.0.0.1:9999").withMaxStreams(1));
        BalancerStats.BackendStats anew = balancer.stats().backends().get(1);
        assertThat(anew.status()).isEqualTo(Status.READY);
        assertThat(anew.picked() + anew.openStreams() + anew.failed()).isZero();
        Lease onNewA = (Lease) balancer.tryAcquire(request);
        onNewA = id(onNewA).equals("a") ? onNewA : (Lease) balancer.tryAcquire(request);
        assertThat(onNewA.backend().port()).isEqualTo(9999);
        onA.complete(Outcome.success());
        assertThat(balancer.stats().backends().get(1).openStreams())
                .as("the old stream leaves the old back end")
                .isEqualTo(1);
        assertThat(balancer.stats().backends().get(1).succeeded()).isZero();
    }

    @Test
    void anOldAddressThatReturnsFindsItsStreamsCounted() {
        LoadBalancer balancer = builder().build();
        Lease onA = (Lease) balancer.tryAcquire(request);
        backends.remove("a");
        backends.add(Backend.of("a", "http://127.0.0.1:9999"));
        assertThat(balancer.stats().openStreams()).isZero();
        backends.remove("a");
        backends.add(Backend.of("a", "http://127.0.0.1:9001/"));
        assertThat(balancer.stats().openStreams()).isEqualTo(1);
        onA.complete(Outcome.success());
        assertThat(balancer.stats().openStreams()).isZero();
        assertThat(balancer.stats().backends().get(1).succeeded()).isEqualTo(1);
    }

    @Test
    void listsThatComeWhilePickersAreMadeAreTakenTogether() {
        List<Runnable> work = new ArrayList<>();
        List<Integer> made = new ArrayList<>();
        FakeTime later = new FakeTime() {
            @Override
            public void execute(Runnable command) {
                work.add(command);
            }
        };
        LoadBalancer balancer = builder()
                .scheduler(later)
                .strategy(snapshot -> {
                    made.add(snapshot.size());
                    return context -> snapshot.size() - 1;
                })
                .build();
        assertThat(made).as("the first list is taken at once").containsExactly(2);
        for (int i = 0; i < 10; i++) {
            backends.add(Backend.of("c" + i, "http://127.0.0.1:" + (9100 + i)));
        }
        assertThat(made).as("no caller makes pickers").containsExactly(2);
        assertThat(id(balancer.tryAcquire(request))).as("picks go on").isEqualTo("b");
        assertThat(work).hasSize(1);
        work.remove(0).run();
        assertThat(made).containsExactly(2, 12);
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("c9");
        assertThat(balancer.stats().version()).isEqualTo(2);
    }

    @Test
    void aStrategyMakesTheNextPickerFromTheOneBefore() {
        List<Picker> before = new ArrayList<>();
        Picker first = context -> 0;
        Strategy strategy = new Strategy() {
            @Override
            public Picker picker(Snapshot snapshot) {
                return first;
            }

            @Override
            public Picker updated(Picker last, Snapshot snapshot) {
                before.add(last);
                return context -> snapshot.size() - 1;
            }
        };
        LoadBalancer balancer = builder().strategy(strategy).build();
        backends.drain("a");
        assertThat(before).containsExactly(first);
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("b");
    }

    @Test
    void aListThatTheStrategyCannotUseChangesNothing() {
        LoadBalancer balancer = builder()
                .strategy(snapshot -> {
                    if (snapshot.size() > 2) {
                        throw new IllegalArgumentException("backends: 3 (expected: at most 2)");
                    }
                    return context -> 0;
                })
                .build();
        backends.add(Backend.of("c", "http://127.0.0.1:9003"));
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("a");
        backends.remove("a");
        assertThat(id(balancer.tryAcquire(request)))
                .as("the next list is taken")
                .isEqualTo("b");
    }

    @Test
    void aFirstListThatTheStrategyCannotUseIsRefusedByTheBuilder() {
        LoadBalancerBuilder builder = builder().strategy(snapshot -> {
            throw new IllegalArgumentException("backends: 2 (expected: at most 1)");
        });
        assertThatThrownBy(builder::build).hasMessage("backends: 2 (expected: at most 1)");
    }

    @Test
    void aBackEndThatWentIdleTakesNoStreamOfALateRequest() {
        NodeCounters counters = new NodeCounters(new LongAdder());
        assertThat(counters.tryEnter(1)).isTrue();
        assertThat(counters.tryRetire()).as("a stream is open").isFalse();
        counters.leave(true, NodeCounters.STEPS_PER_COST);
        assertThat(counters.tryRetire()).isTrue();
        assertThat(counters.tryEnter(Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void theLoadOfTheMembersLeavesOutThoseThatHaveGone() {
        Snapshot[] latest = new Snapshot[1];
        LoadBalancer balancer = builder()
                .strategy(snapshot -> {
                    latest[0] = snapshot;
                    return context -> 0;
                })
                .build();
        Lease onA = (Lease) balancer.tryAcquire(request);
        assertThat(latest[0].load()).isEqualTo(1);
        onA.cost(2.5);
        assertThat(latest[0].load()).isEqualTo(2.5);
        backends.remove("a");
        assertThat(latest[0].load()).isZero();
        Lease onB = (Lease) balancer.tryAcquire(request);
        assertThat(latest[0].load()).isEqualTo(1);
        backends.add(Backend.of("a", "http://127.0.0.1:9001"));
        assertThat(latest[0].load()).as("it returns with its stream").isEqualTo(3.5);
        onA.complete(Outcome.success());
        onB.complete(Outcome.success());
        assertThat(latest[0].load()).isZero();
    }

    @Test
    void anOpenStreamDoesNotKeepTheMembershipItWasPickedFromAlive() throws Exception {
        List<WeakReference<Picker>> pickers = new ArrayList<>();
        LoadBalancer balancer = builder()
                .strategy(snapshot -> {
                    Picker picker = context -> snapshot.size() - 1;
                    pickers.add(new WeakReference<>(picker));
                    return picker;
                })
                .build();
        Lease open = (Lease) balancer.tryAcquire(request);
        backends.drain("a");
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (pickers.get(0).get() != null) {
            assertThat(System.nanoTime() - giveUp)
                    .as("the first picker is collected")
                    .isNegative();
            System.gc();
            Thread.onSpinWait();
        }
        assertThat(open.complete(Outcome.success())).isTrue();
    }

    @Test
    void aBalancerThatCouldNotBeBuiltDoesNotDisturbAnotherOne() {
        assertThatThrownBy(() -> builder()
                        .strategy(snapshot -> {
                            throw new IllegalStateException("never");
                        })
                        .build())
                .hasMessage("never");
        LoadBalancer good = builder().build();
        backends.add(Backend.of("c", "http://127.0.0.1:9003"));
        assertThat(good.stats().backends()).hasSize(3);
    }

    @Test
    void anErrorOfTheStrategyLeavesTheMembersBefore() {
        LoadBalancer balancer = builder()
                .strategy(snapshot -> {
                    if (snapshot.size() == 3) {
                        throw new AssertionError("three");
                    }
                    return context -> snapshot.size() - 1;
                })
                .build();
        backends.add(Backend.of("c", "http://127.0.0.1:9003"));
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("b");
        backends.add(Backend.of("d", "http://127.0.0.1:9004"));
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("d");
    }

    @Test
    void aStreamKeepsTheAddressItWasPickedWith() {
        LoadBalancer balancer = builder().build();
        Lease onA = (Lease) balancer.tryAcquire(request);
        backends.remove("a");
        backends.add(Backend.of("a", "http://127.0.0.1:9999"));
        assertThat(onA.backend().port()).isEqualTo(9001);
    }

    @Test
    void aNewWeightCountsAtOnce() {
        LoadBalancer balancer = builder().build();
        backends.reweigh("a", 9);
        int onA = 0;
        for (int i = 0; i < 1_000; i++) {
            Lease lease = (Lease) balancer.tryAcquire(request);
            onA += lease.backend().id().value().equals("a") ? 1 : 0;
            lease.complete(Outcome.success());
        }
        assertThat(onA).isBetween(890, 910);
    }

    @Test
    void theStreamCapHoldsAndTellsBusyFromGone() {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001").withMaxStreams(2))
                .build();
        Lease first = (Lease) balancer.tryAcquire(request);
        Lease second = (Lease) balancer.tryAcquire(request);
        assertThat(((Refusal) balancer.tryAcquire(request)).reason()).isEqualTo(Refusal.Reason.SATURATED);
        first.complete(Outcome.success());
        assertThat(balancer.tryAcquire(request)).isInstanceOf(Lease.class);
        second.complete(Outcome.success());
    }

    @Test
    void aBackEndThatFailedIsLeftAloneForTheFailTimeout() {
        LoadBalancer balancer = builder().build();
        Lease onA = (Lease) balancer.tryAcquire(request);
        onA.complete(Outcome.failure(FailureKind.CONNECT));
        assertThat(balancer.stats().backends().get(0).status()).isEqualTo(Status.UNFIT);
        for (int i = 0; i < 20; i++) {
            assertThat(id(balancer.tryAcquire(request))).isEqualTo("b");
        }
        time.advance(Duration.ofSeconds(11));
        List<String> served = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Lease lease = (Lease) balancer.tryAcquire(request);
            served.add(id(lease));
        }
        assertThat(served).as("one request tries it again").containsOnlyOnce("a");
    }

    @Test
    void aSuccessfulTrialMakesABackEndFitAgain() {
        List<String> changes = new ArrayList<>();
        LoadBalancer balancer = builder()
                .listener(new BalancerListener() {
                    @Override
                    public void healthChanged(BackendId backend, boolean fit) {
                        changes.add(backend + (fit ? " fit" : " unfit"));
                    }
                })
                .build();
        ((Lease) balancer.tryAcquire(request)).complete(Outcome.failure(FailureKind.NO_RESPONSE));
        time.advance(Duration.ofSeconds(11));
        Lease trial = (Lease) balancer.tryAcquire(request);
        trial = trial.backend().id().value().equals("a") ? trial : (Lease) balancer.tryAcquire(request);
        trial.responseStarted(new FakeResponse(200));
        assertThat(changes).containsExactly("a unfit", "a fit");
        assertThat(balancer.stats().backends().get(0).status()).isEqualTo(Status.READY);
    }

    @Test
    void whenNobodyIsFitHealthIsIgnored() {
        LoadBalancer balancer = builder().build();
        ((Lease) balancer.tryAcquire(request)).complete(Outcome.failure(FailureKind.CONNECT));
        ((Lease) balancer.tryAcquire(request)).complete(Outcome.failure(FailureKind.CONNECT));
        assertThat(balancer.tryAcquire(request)).isInstanceOf(Lease.class);
    }

    @Test
    void aCancelledStreamSaysNothingOfTheBackEnd() {
        LoadBalancer balancer = builder().build();
        for (int i = 0; i < 10; i++) {
            ((Lease) balancer.tryAcquire(request)).complete(Outcome.cancelled());
        }
        assertThat(balancer.stats().backends()).allMatch(backend -> backend.status() == Status.READY);
    }

    @Test
    void aListThatNamesABackEndTwiceChangesNothing() {
        assertThatThrownBy(() -> LoadBalancer.builder()
                        .backends(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("a", "http://127.0.0.1:9002"))
                        .build())
                .hasMessage("backend id: a (expected: each id once)");
        assertThatThrownBy(() -> backends.add(Backend.of("a", "http://127.0.0.1:9003")))
                .hasMessage("backend id: a (expected: each id once)");
    }

    @Test
    void aBadListOfASourceThatServesAlreadyIsIgnored() {
        List<Consumer<List<Backend>>> receivers = new ArrayList<>();
        LoadBalancer balancer = builder()
                .backends((BackendSource) receiver -> {
                    receivers.add(receiver);
                    receiver.accept(backends.list());
                    return () -> {};
                })
                .build();
        Backend twice = Backend.of("c", "http://127.0.0.1:9003");
        receivers.get(0).accept(List.of(twice, twice));
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("a");
        receivers.get(0).accept(List.of(twice));
        assertThat(id(balancer.tryAcquire(request)))
                .as("the next list is taken")
                .isEqualTo("c");
    }

    @Test
    void aBalancerWithoutBackEndsIsNotBuilt() {
        assertThatThrownBy(() -> LoadBalancer.builder().build())
                .hasMessage("backends: none (expected: backends(...) to be called)");
    }

    @Test
    void aListenerThatThrowsChangesNothing() {
        LoadBalancer balancer = builder()
                .health(HealthPolicy.none())
                .listener(new BalancerListener() {
                    @Override
                    public void picked(Backend backend, PickReason reason) {
                        throw new IllegalStateException("broken listener");
                    }
                })
                .build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(lease.complete(Outcome.success())).isTrue();
    }

    @Test
    void theBuilderMakesIndependentBalancers() {
        LoadBalancerBuilder builder = builder();
        LoadBalancer one = builder.build();
        LoadBalancer other = builder.build();
        one.tryAcquire(request);
        assertThat(other.stats().openStreams()).isZero();
        one.close();
        assertThat(other.tryAcquire(request)).isInstanceOf(Lease.class);
    }
}
