package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.Status;
import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthProbe.Timing;
import dev.remora.health.ProbeAnswer;
import dev.remora.health.SlowStart;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.session.SessionMap;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What a back end says of itself in the answers of its probes. */
class ProbeWishesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Backend A = Backend.of("a", "http://127.0.0.1:9001").withWeight(2);
    private static final Backend B = Backend.of("b", "http://127.0.0.1:9002").withWeight(2);

    private final FakeTime time = new FakeTime();
    private final ProbeScript script = new ProbeScript(new Timing(SECOND, Duration.ofMillis(400), 2, 3));
    private final List<String> changes = new ArrayList<>();
    private final LoadBalancer balancer = LoadBalancer.builder()
            .clock(time)
            .scheduler(time)
            .random(() -> 20L << 32) // the middle of the 21 numbers that an interval is varied by
            .backends(BackendSource.fixed(A, B))
            .strategy(Strategy.roundRobin())
            .affinity(AffinityRule.header("X-User"))
            .sessions(SessionMap.local(100, Duration.ofHours(1)))
            .healthProbe(script)
            .probeExecutor(Runnable::run)
            .slowStart(SlowStart.over(Duration.ofSeconds(10)))
            .listener(new BalancerListener() {
                @Override
                public void healthChanged(BackendId backend, boolean fit) {
                    changes.add(backend + (fit ? " fit" : " unfit"));
                }
            })
            .build();

    private void aSays(boolean passed, boolean certain, OptionalDouble share, Optional<Boolean> draining) {
        script.answers.put("a", new ProbeAnswer(passed, certain, share, draining, "scripted"));
        time.advance(SECOND);
    }

    private void aWishes(double share) {
        aSays(true, false, OptionalDouble.of(share), Optional.empty());
    }

    private void aWishesToDrain(boolean draining) {
        aSays(true, false, OptionalDouble.empty(), Optional.of(draining));
    }

    private BalancerStats.BackendStats a() {
        return balancer.stats().backends().get(0);
    }

    private String serves(FakeRequest request) {
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease.complete(Outcome.success());
        return lease.backend().id().value();
    }

    private int picksOnAOf(int count) {
        int onA = 0;
        for (int i = 0; i < count; i++) {
            onA += serves(FakeRequest.get("/")).equals("a") ? 1 : 0;
        }
        return onA;
    }

    @Test
    void aWishedShareMultipliesTheWeight() {
        aWishes(0.5);
        assertThat(a().weight()).isEqualTo(1);
        assertThat(a().status()).isEqualTo(Status.READY);
        assertThat(picksOnAOf(300)).isBetween(98, 102);
        aSays(true, false, OptionalDouble.empty(), Optional.empty());
        assertThat(a().weight()).as("what is not said stays").isEqualTo(1);
        aWishes(1);
        assertThat(a().weight()).isEqualTo(2);
    }

    @Test
    void anUnchangedWishMakesNoPickers() {
        aWishes(0.5);
        long version = balancer.stats().version();
        aWishes(0.5);
        assertThat(balancer.stats().version()).isEqualTo(version);
    }

    @Test
    void whoWishesToDrainKeepsItsBoundClientsOnly() {
        FakeRequest bound = FakeRequest.get("/").header("X-User", "bound");
        while (!serves(bound).equals("a")) {
            bound = FakeRequest.get("/").header("X-User", "bound " + time.nanos() + bound.hashCode());
        }
        aWishesToDrain(true);
        assertThat(a().status()).isEqualTo(Status.DRAINING);
        assertThat(picksOnAOf(50)).isZero();
        assertThat(serves(bound)).isEqualTo("a");
        aWishesToDrain(false);
        assertThat(picksOnAOf(50)).isEqualTo(25);
    }

    @Test
    void aShareOfZeroIsADrainThatAHigherOneEnds() {
        aWishes(0);
        assertThat(a().status()).isEqualTo(Status.DRAINING);
        assertThat(a().weight()).isPositive();
        assertThat(picksOnAOf(50)).isZero();
        aWishes(0.25);
        assertThat(a().status()).isEqualTo(Status.READY);
        assertThat(a().weight()).isEqualTo(0.5);
    }

    @Test
    void aCertainWordTurnsTheVerdictAtOnce() {
        aSays(false, true, OptionalDouble.empty(), Optional.empty());
        assertThat(changes).containsExactly("a unfit");
        assertThat(picksOnAOf(50)).isZero();
        aSays(true, true, OptionalDouble.empty(), Optional.empty());
        assertThat(changes).containsExactly("a unfit", "a fit");
    }

    @Test
    void wishesAndSlowStartMultiply() {
        aSays(false, true, OptionalDouble.empty(), Optional.empty());
        aSays(true, true, OptionalDouble.of(0.5), Optional.empty());
        assertThat(a().weight()).isEqualTo(2 * 0.5 * 0.1);
        time.advance(SECOND.multipliedBy(6));
        assertThat(a().weight()).isEqualTo(2 * 0.5 * 0.6);
    }
}
