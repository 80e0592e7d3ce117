package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.BalancerStats.BackendStats;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Admission;
import dev.remora.health.HealthMonitor;
import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthProbe;
import dev.remora.health.HealthProbe.Timing;
import dev.remora.health.HealthTracker;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the user's own code throws loses no stream, no permit and no probe. */
class ThrowingCallbacksTest {

    private final FakeTime time = new FakeTime();
    private final FakeRequest request = FakeRequest.get("/");

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder().clock(time).scheduler(time).backends(Backend.of("a", "http://127.0.0.1:9001"));
    }

    private static BackendStats only(LoadBalancer balancer) {
        BackendStats stats = balancer.stats().backends().get(0);
        assertThat(stats.picked())
                .isEqualTo(stats.openStreams() + stats.succeeded() + stats.failed() + stats.cancelled());
        return stats;
    }

    @Test
    void aListenersErrorWhileAStreamIsHandedOutLeavesNoStreamBehind() {
        LoadBalancer balancer = builder()
                .listener(new BalancerListener() {
                    @Override
                    public void picked(Backend backend, PickReason reason) {
                        throw new NoSuchMethodError("of another version");
                    }
                })
                .build();
        assertThatThrownBy(() -> balancer.tryAcquire(request)).isInstanceOf(NoSuchMethodError.class);
        assertThatThrownBy(() -> balancer.acquire(request)).isInstanceOf(NoSuchMethodError.class);
        assertThat(only(balancer).openStreams()).isZero();
        assertThat(only(balancer).load()).isZero();
    }

    @Test
    void aListenersErrorAtTheEndOfAStreamKeepsNoDrainFromItsEnd() {
        LoadBalancer balancer = builder()
                .listener(new BalancerListener() {
                    @Override
                    public void ended(Backend backend, Outcome outcome, long openNanos, long bytes, long events) {
                        throw new NoSuchMethodError("of another version");
                    }
                })
                .build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        Draining run = balancer.drain("a", Drain.softly(Duration.ZERO).until(Duration.ofHours(1)));
        assertThatThrownBy(() -> lease.complete(Outcome.success())).isInstanceOf(NoSuchMethodError.class);
        assertThat(run.empty().toCompletableFuture()).isCompleted();
    }

    @Test
    void aPermitThatThrowsDoesNotKeepTheOthers() {
        AtomicInteger held = new AtomicInteger();
        LoadBalancer balancer = builder()
                .guard((view, origin) -> {
                    held.incrementAndGet();
                    return Admission.admitted(outcome -> held.decrementAndGet());
                })
                .guard((view, origin) -> Admission.admitted(outcome -> {
                    throw new IllegalStateException("a broken permit");
                }))
                .build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(lease.complete(Outcome.success())).isTrue();
        assertThat(held).hasValue(0);
        assertThat(only(balancer).succeeded()).isEqualTo(1);
    }

    @Test
    void anAnswerOfAGuardThatFailsLaterFailsTheRequest() {
        AtomicInteger held = new AtomicInteger();
        CompletableFuture<Admission> answer = new CompletableFuture<>();
        LoadBalancer balancer = builder()
                .guard((view, visitor) -> counted(held))
                .guard((view, visitor) -> Admission.pending(answer))
                .build();
        CompletableFuture<Pick> pick = balancer.acquire(request).toCompletableFuture();
        answer.completeExceptionally(new IllegalStateException("a broken store"));
        assertThat(pick).isCompletedExceptionally();
        assertThat(held).hasValue(0);
    }

    @Test
    void aPendingAnswerThatIsPendingAgainLetsNobodyIn() {
        AtomicInteger held = new AtomicInteger();
        CompletableFuture<Admission> answer = new CompletableFuture<>();
        CompletableFuture<Admission> other = new CompletableFuture<>();
        LoadBalancer balancer = builder()
                .guard((view, visitor) -> Admission.pending(answer))
                .guard((view, visitor) -> Admission.pending(other))
                .build();
        CompletableFuture<Pick> pick = balancer.acquire(request).toCompletableFuture();
        answer.complete(Admission.pending(new CompletableFuture<>()));
        other.complete(counted(held));
        assertThat(pick).isCompletedExceptionally();
        assertThat(held).hasValue(0);
        assertThat(only(balancer).openStreams()).isZero();
    }

    @Test
    void aGuardThatAnswersLaterThoughNobodyWaitsGetsItsPermitBack() {
        AtomicInteger held = new AtomicInteger();
        CompletableFuture<Admission> answer = new CompletableFuture<>();
        LoadBalancer balancer =
                builder().guard((view, visitor) -> Admission.pending(answer)).build();
        assertThatThrownBy(() -> balancer.tryAcquire(request)).isInstanceOf(IllegalStateException.class);
        answer.complete(counted(held));
        assertThat(held).hasValue(0);
    }

    private static Admission counted(AtomicInteger held) {
        held.incrementAndGet();
        return Admission.admitted(outcome -> held.decrementAndGet());
    }

    @Test
    void aPredicateThatThrowsCostsNoAnswer() {
        LoadBalancer balancer = builder()
                .health(HealthPolicy.outlierDetection().withFailures(status -> {
                    throw new IllegalStateException("a broken predicate");
                }))
                .build();
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease.responseStarted(new FakeResponse(500));
        assertThat(lease.complete(Outcome.success())).isTrue();
        assertThat(only(balancer).openStreams()).isZero();
    }

    @Test
    void aPolicyThatThrowsCostsNoStream() {
        LoadBalancer balancer =
                builder().health(random -> HealthMonitor.eachAlone(Broken::new)).build();
        for (int i = 0; i < 3; i++) {
            Lease lease = (Lease) balancer.tryAcquire(request);
            lease.responseStarted(new FakeResponse(200));
            assertThat(lease.complete(Outcome.success())).isTrue();
        }
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(lease.retry(Outcome.failure(FailureKind.CONNECT))).isInstanceOf(Refusal.class);
        assertThat(only(balancer).openStreams()).isZero();
    }

    @Test
    void aProberThatAnswersNothingIsAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        LoadBalancer balancer = builder()
                .probeExecutor(Runnable::run)
                .healthProbe(new Mute(asked))
                .build();
        time.advance(Duration.ofSeconds(10));
        assertThat(asked.get()).isGreaterThan(5);
        assertThat(only(balancer).status()).isEqualTo(BalancerStats.Status.UNFIT);
    }

    @Test
    void aListenersErrorDoesNotEndTheProbing() {
        ProbeScript script = new ProbeScript(new Timing(Duration.ofSeconds(1), Duration.ofMillis(400), 1, 1));
        LoadBalancer balancer = builder()
                .probeExecutor(Runnable::run)
                .healthProbe(script)
                .listener(new BalancerListener() {
                    @Override
                    public void healthChanged(BackendId backend, boolean fit) {
                        throw new NoSuchMethodError("of another version");
                    }
                })
                .build();
        script.failing.add("a");
        time.advance(Duration.ofSeconds(5));
        assertThat(only(balancer).status()).isEqualTo(BalancerStats.Status.UNFIT);
        script.failing.clear();
        time.advance(Duration.ofSeconds(5));
        assertThat(only(balancer).status()).isEqualTo(BalancerStats.Status.READY);
    }

    /** A probe that completes with nothing. */
    private record Mute(AtomicInteger asked) implements HealthProbe {
        @Override
        @SuppressWarnings("NullAway") // on purpose
        public Prober prober(Executor executor) {
            return backend -> {
                asked.incrementAndGet();
                return CompletableFuture.completedFuture(null);
            };
        }

        @Override
        public Timing timing() {
            return new Timing(Duration.ofSeconds(1), Duration.ofMillis(400), 1, 1);
        }

        @Override
        public HealthProbe with(Timing timing) {
            return this;
        }
    }

    /** Knows of no fault, and cannot be told of any. */
    private static final class Broken implements HealthTracker {
        @Override
        public boolean spotless() {
            return true;
        }

        @Override
        public boolean fit(long nowNanos) {
            return true;
        }

        @Override
        public void admitted(long nowNanos) {}

        @Override
        public void responded(int status, boolean failure, long nowNanos) {
            throw new IllegalStateException("a broken tracker");
        }

        @Override
        public void risen() {}

        @Override
        public void ended(Outcome outcome, Verdict before, long nowNanos) {
            throw new IllegalStateException("a broken tracker");
        }
    }
}
