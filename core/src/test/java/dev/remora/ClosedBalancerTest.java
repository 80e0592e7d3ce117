package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthProbe;
import dev.remora.health.HealthProbe.Timing;
import dev.remora.health.SlowStart;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a balancer leaves behind on a scheduler that goes on without it: nothing. */
class ClosedBalancerTest {

    private static final Backend A = Backend.of("a", "http://127.0.0.1:9001");
    private static final Backend B = Backend.of("b", "http://127.0.0.1:9002");

    private final FakeTime time = new FakeTime();

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder().clock(time).scheduler(time);
    }

    @Test
    void noTimerOutlivesIt() {
        MutableBackends backends = BackendSource.mutable(A);
        ProbeScript script = new ProbeScript(new Timing(Duration.ofHours(1), Duration.ofHours(1), 1, 1));
        LoadBalancer balancer = builder()
                .backends(backends)
                .health(HealthPolicy.outlierDetection())
                .healthProbe(script)
                .probeExecutor(Runnable::run)
                .slowStart(SlowStart.over(Duration.ofHours(1)))
                .maxStreamAge(Duration.ofHours(1))
                .rebalance(Rebalance.whenAbove(2))
                .build();
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        lease.onEndRequested(request -> {});
        backends.add(B);
        time.advance(Duration.ofSeconds(2));
        balancer.drain("a", Drain.softly(Duration.ofSeconds(1)).until(Duration.ofDays(1)));
        time.advance(Duration.ofSeconds(2));
        assertThat(time.pending()).isPositive();
        balancer.close();
        assertThat(time.pending()).isZero();
        lease.complete(Outcome.failure(FailureKind.CONNECT));
        backends.remove("a");
        assertThat(time.pending()).as("what still ends sets nothing going").isZero();
    }

    @Test
    void noTimerRunsWhereNothingIsSwitchedOn() {
        MutableBackends backends = BackendSource.mutable(A);
        LoadBalancer balancer = builder().backends(backends).build();
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        lease.onEndRequested(request -> {});
        lease.complete(Outcome.failure(FailureKind.CONNECT));
        backends.add(B);
        assertThat(time.pending()).isZero();
        balancer.drain("a", Drain.softly(Duration.ofSeconds(1)).until(Duration.ofDays(1)));
        assertThat(time.pending()).as("the drain has found nobody").isZero();
    }

    @Test
    void everythingIsClosedOnceThoughTheUsersOwnPartsThrow() {
        AtomicInteger proberClosed = new AtomicInteger();
        List<String> asked = new ArrayList<>();
        BackendSource source = receiver -> {
            receiver.accept(List.of(A));
            return () -> {
                throw new IllegalStateException("a broken source");
            };
        };
        LoadBalancer balancer = builder()
                .backends(source)
                .healthProbe(new Closable(proberClosed))
                .probeExecutor(Runnable::run)
                .build();
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        lease.onEndRequested(request -> asked.add(request.reason().name()));
        balancer.close();
        balancer.close();
        assertThat(proberClosed).hasValue(1);
        assertThat(asked).containsExactly("SHUTDOWN");
        assertThat(time.pending()).isZero();
    }

    /** A probe whose prober throws when it is closed. */
    private record Closable(AtomicInteger closed) implements HealthProbe {

        @Override
        public Prober prober(Executor executor) {
            return new Prober() {
                @Override
                public CompletableFuture<dev.remora.health.ProbeAnswer> probe(Backend backend) {
                    return new CompletableFuture<>();
                }

                @Override
                public void close() {
                    closed.incrementAndGet();
                    throw new IllegalStateException("a broken prober");
                }
            };
        }

        @Override
        public Timing timing() {
            return Timing.DEFAULT;
        }

        @Override
        public HealthProbe with(Timing timing) {
            return this;
        }
    }
}
