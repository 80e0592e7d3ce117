package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.pool.Backend;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class LeaseTest {

    private final FakeTime time = new FakeTime();
    private final FakeRequest request = FakeRequest.get("/");

    private LoadBalancerBuilder builder(String... ids) {
        Backend[] backends = new Backend[ids.length];
        for (int i = 0; i < ids.length; i++) {
            backends[i] = Backend.of(ids[i], "http://127.0.0.1:" + (9000 + i));
        }
        return LoadBalancer.builder().clock(time).backends(backends);
    }

    private static BalancerStats.BackendStats only(LoadBalancer balancer) {
        return balancer.stats().backends().get(0);
    }

    @Test
    void aStreamIsCountedFromThePickToItsEnd() {
        LoadBalancer balancer = builder("a").build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(only(balancer).openStreams()).isEqualTo(1);
        assertThat(only(balancer).waitingStreams()).isEqualTo(1);
        assertThat(only(balancer).load()).isEqualTo(1.0);

        time.advance(Duration.ofMillis(80));
        lease.responseStarted(new FakeResponse(200));
        assertThat(only(balancer).waitingStreams()).isZero();
        assertThat(only(balancer).openStreams()).isEqualTo(1);
        assertThat(only(balancer).firstByteMillis()).isEqualTo(80.0);

        assertThat(lease.complete(Outcome.success())).isTrue();
        assertThat(only(balancer).openStreams()).isZero();
        assertThat(only(balancer).load()).isZero();
        assertThat(only(balancer).succeeded()).isEqualTo(1);
    }

    @Test
    void completingTwiceCountsOnce() {
        LoadBalancer balancer = builder("a").build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(lease.complete(Outcome.success())).isTrue();
        assertThat(lease.complete(Outcome.failure(FailureKind.TRUNCATED))).isFalse();
        assertThat(only(balancer).openStreams()).isZero();
        assertThat(only(balancer).failed()).isZero();
    }

    @Test
    void aResponseAfterTheEndChangesNothing() {
        LoadBalancer balancer = builder("a").build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease.complete(Outcome.cancelled());
        lease.responseStarted(new FakeResponse(200));
        lease.cost(5);
        assertThat(only(balancer).waitingStreams()).isZero();
        assertThat(only(balancer).load()).isZero();
        assertThat(only(balancer).firstByteMillis()).isZero();
    }

    @Test
    void theCostOfAnOpenStreamMayChange() {
        LoadBalancer balancer = builder("a").build();
        Lease idle = (Lease) balancer.tryAcquire(request);
        Lease busy = (Lease) balancer.tryAcquire(request);
        idle.cost(0.05);
        busy.cost(3.5);
        assertThat(only(balancer).load()).isCloseTo(3.55, within(1e-6));
        busy.complete(Outcome.success());
        assertThat(only(balancer).load()).isCloseTo(0.05, within(1e-6));
        idle.complete(Outcome.success());
        assertThat(only(balancer).load()).isZero();
    }

    @Test
    void aCostThatIsNoCostIsRefused() {
        Lease lease = (Lease) builder("a").build().tryAcquire(request);
        for (double cost : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY, 1_000_001}) {
            assertThatThrownBy(() -> lease.cost(cost))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(expected: 0 to 1000000)");
        }
    }

    @Test
    void retryMovesToABackEndThatWasNotTried() {
        LoadBalancer balancer = builder("a", "b", "c").build();
        List<String> tried = new ArrayList<>();
        Pick pick = balancer.tryAcquire(request);
        while (pick instanceof Lease lease) {
            tried.add(lease.backend().id().value());
            pick = lease.retry(Outcome.failure(FailureKind.CONNECT));
        }
        assertThat(tried).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(((Refusal) pick).reason()).isEqualTo(Refusal.Reason.RETRIES_SPENT);
        assertThat(balancer.stats().openStreams()).isZero();
    }

    @Test
    void retryAfterTheEndIsAMistake() {
        Lease lease = (Lease) builder("a", "b").build().tryAcquire(request);
        lease.complete(Outcome.success());
        assertThatThrownBy(() -> lease.retry(Outcome.failure(FailureKind.CONNECT)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void permitsAreKeptAcrossRetriesAndReleasedOnceInReverse() {
        List<String> log = new ArrayList<>();
        LoadBalancer balancer = builder("a", "b")
                .guard(logging("first", log))
                .guard(logging("second", log))
                .build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        Lease next = (Lease) lease.retry(Outcome.failure(FailureKind.CONNECT));
        assertThat(log).containsExactly("first asked", "second asked");
        next.complete(Outcome.success());
        next.complete(Outcome.success());
        lease.complete(Outcome.success());
        assertThat(log).containsExactly("first asked", "second asked", "second released", "first released");
    }

    @Test
    void aDenialReleasesWhatEarlierGuardsGranted() {
        List<String> log = new ArrayList<>();
        LoadBalancer balancer = builder("a")
                .guard(logging("first", log))
                .guard((request, origin) -> Admission.denied("not now", Duration.ofSeconds(7)))
                .build();
        Refusal refusal = (Refusal) balancer.tryAcquire(request);
        assertThat(refusal.problem().status()).isEqualTo(429);
        assertThat(refusal.problem().retryAfterSeconds()).contains("7");
        assertThat(log).containsExactly("first asked", "first released");
    }

    @Test
    void aGuardThatThrowsLeavesNothingHeld() {
        List<String> log = new ArrayList<>();
        LoadBalancer balancer = builder("a")
                .guard(logging("first", log))
                .guard((request, origin) -> {
                    throw new IllegalStateException("broken guard");
                })
                .build();
        assertThatThrownBy(() -> balancer.acquire(request)).hasMessage("broken guard");
        assertThat(log).containsExactly("first asked", "first released");
        assertThat(balancer.stats().openStreams()).isZero();
    }

    @Test
    void openStreamsGuardFreesItsPlaceWhenTheStreamEnds() {
        LoadBalancer balancer = builder("a").guard(Guard.openStreams(1)).build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(balancer.tryAcquire(request)).isInstanceOf(Refusal.class);
        lease.complete(Outcome.success());
        assertThat(balancer.tryAcquire(request)).isInstanceOf(Lease.class);
    }

    @Test
    void retriesOtherThanOfConnectsSpendTheBudget() {
        LoadBalancer balancer =
                builder("a", "b").health(dev.remora.health.HealthPolicy.none()).build();
        int granted = 0;
        for (int i = 0; i < 300; i++) {
            Lease lease = (Lease) balancer.tryAcquire(request);
            if (lease.retry(Outcome.failure(FailureKind.NO_RESPONSE)) instanceof Lease next) {
                granted++;
                next.complete(Outcome.success());
            }
        }
        // A hundred saved up, and a fifth of what came in after the first retry.
        assertThat(granted).isBetween(120, 165);
        time.advance(Duration.ofSeconds(1));
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(lease.retry(Outcome.failure(FailureKind.NO_RESPONSE))).isInstanceOf(Lease.class);
        for (int i = 0; i < 300; i++) {
            Lease another = (Lease) balancer.tryAcquire(request);
            assertThat(another.retry(Outcome.failure(FailureKind.CONNECT))).isInstanceOf(Lease.class);
        }
    }

    @Test
    void callCompletesByHowTheCallWent() throws IOException {
        LoadBalancer balancer = builder("a").build();
        Lease good = (Lease) balancer.tryAcquire(request);
        String answer = good.<String, IOException>call(backend -> backend.id().value());
        assertThat(answer).isEqualTo("a");

        Lease bad = (Lease) balancer.tryAcquire(request);
        assertThatThrownBy(() -> bad.call(backend -> {
                    throw new IOException("gone");
                }))
                .isInstanceOf(IOException.class);

        Lease cancelled = (Lease) balancer.tryAcquire(request);
        assertThatThrownBy(() -> cancelled.call(backend -> {
                    throw new CancellationException("never mind");
                }))
                .isInstanceOf(CancellationException.class);

        BalancerStats.BackendStats stats = only(balancer);
        assertThat(List.of(stats.succeeded(), stats.failed(), stats.cancelled()))
                .containsExactly(1L, 1L, 1L);
        assertThat(stats.openStreams()).isZero();
    }

    @Test
    void closingAsksOpenStreamsToEndOnceAndRefusesNewOnes() {
        LoadBalancer balancer = builder("a").build();
        List<EndRequest> asked = new ArrayList<>();
        Lease before = (Lease) balancer.tryAcquire(request);
        Lease late = (Lease) balancer.tryAcquire(request);
        Lease done = (Lease) balancer.tryAcquire(request);
        before.onEndRequested(asked::add);
        done.onEndRequested(end -> {
            throw new AssertionError("an ended stream was asked to end");
        });
        done.complete(Outcome.success());
        balancer.close();
        balancer.close();
        assertThat(asked).hasSize(1);
        assertThat(asked.get(0).closeCode()).isEqualTo(1001);
        late.onEndRequested(asked::add);
        assertThat(asked).hasSize(2);
        assertThat(((Refusal) balancer.tryAcquire(request)).reason()).isEqualTo(Refusal.Reason.CLOSED);
        before.complete(Outcome.cancelled());
        late.complete(Outcome.cancelled());
        assertThat(balancer.stats().openStreams()).isZero();
    }

    private static Guard logging(String name, List<String> log) {
        return (request, origin) -> {
            log.add(name + " asked");
            return Admission.admitted(outcome -> log.add(name + " released"));
        };
    }
}
