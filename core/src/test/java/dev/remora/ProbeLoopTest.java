package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthProbe;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeLoopTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final FakeTime time = new FakeTime();
    private final ProbeScript script = new ProbeScript(new HealthProbe.Timing(SECOND, Duration.ofMillis(400), 2, 3));
    private final List<String> changes = new ArrayList<>();
    private final MutableBackends backends =
            BackendSource.mutable(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"));
    private final LoadBalancer balancer = LoadBalancer.builder()
            .clock(time)
            .scheduler(time)
            .random(() -> 20L << 32) // the middle of the 21 numbers that an interval is varied by
            .backends(backends)
            .healthProbe(script)
            .probeExecutor(Runnable::run)
            .listener(new BalancerListener() {
                @Override
                public void healthChanged(BackendId backend, boolean fit) {
                    changes.add(backend + (fit ? " fit" : " unfit"));
                }
            })
            .build();

    private void rounds(int count) {
        for (int i = 0; i < count; i++) {
            time.advance(SECOND);
        }
    }

    @Test
    void aBackEndFallsAfterThreeFailsAndRisesAfterTwoPasses() {
        script.failing.add("a");
        time.advance(Duration.ofMillis(1));
        rounds(1);
        assertThat(changes).isEmpty();
        rounds(1);
        assertThat(changes).containsExactly("a unfit");
        for (int i = 0; i < 20; i++) {
            Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
            assertThat(lease.backend().id().value()).isEqualTo("b");
        }
        script.failing.clear();
        rounds(1);
        assertThat(changes).containsExactly("a unfit");
        rounds(1);
        assertThat(changes).containsExactly("a unfit", "a fit");
    }

    @Test
    void twoFailsAmongPassesAreForgiven() {
        time.advance(Duration.ofMillis(1));
        for (int i = 0; i < 10; i++) {
            script.failing.add("a");
            rounds(2);
            script.failing.clear();
            rounds(1);
        }
        assertThat(changes).isEmpty();
    }

    @Test
    void aProbeThatNeverAnswersFailsAndDoesNotPileUp() {
        script.silent.add("a");
        time.advance(Duration.ofMillis(1));
        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofMillis(100));
            assertThat(script.pending.stream().filter(answer -> !answer.isDone()))
                    .hasSizeLessThanOrEqualTo(1);
        }
        assertThat(changes).containsExactly("a unfit");
    }

    @Test
    void aProbeThatThrowsFails() {
        script.throwing.add("b");
        rounds(4);
        assertThat(changes).containsExactly("b unfit");
    }

    @Test
    void whoLeavesIsAskedNoMoreAndWhoComesIsAsked() {
        rounds(1);
        backends.remove("a");
        backends.add(Backend.of("c", "http://127.0.0.1:9003"));
        script.asked.clear();
        rounds(2);
        assertThat(script.asked).contains("b", "c").doesNotContain("a");
    }

    @Test
    void aBackEndThatReturnsUnfitCanRise() {
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String id = lease.backend().id().value();
        script.failing.add(id);
        rounds(4);
        backends.remove(id);
        backends.add(lease.backend());
        script.failing.clear();
        rounds(4);
        assertThat(changes).containsExactly(id + " unfit", id + " fit");
    }

    @Test
    void aBackEndThatFellAndRoseGetsStreamsAtOnceThoughStreamsHadFailed() {
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String id = lease.backend().id().value();
        script.failing.add(id);
        rounds(3);
        lease.complete(Outcome.failure(FailureKind.CONNECT));
        script.failing.clear();
        rounds(2);
        assertThat(changes).containsExactly(id + " unfit", id + " fit");
    }

    @Test
    void nobodyIsAskedAfterTheEnd() {
        rounds(1);
        balancer.close();
        script.asked.clear();
        rounds(3);
        assertThat(script.asked).isEmpty();
    }
}
