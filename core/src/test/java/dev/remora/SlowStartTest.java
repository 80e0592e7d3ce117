package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.remora.BalancerStats.BackendStats;
import dev.remora.BalancerStats.Status;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthProbe.Initially;
import dev.remora.health.HealthProbe.Timing;
import dev.remora.health.ProbeAnswer;
import dev.remora.health.SlowStart;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlowStartTest {

    private static final Duration TENTH = Duration.ofSeconds(1);
    private static final Timing TIMING = new Timing(TENTH, Duration.ofMillis(400), 1, 1);
    private static final Backend A = Backend.of("a", "http://127.0.0.1:9001").withWeight(4);
    private static final Backend B = Backend.of("b", "http://127.0.0.1:9002").withWeight(4);
    private static final Backend C = Backend.of("c", "http://127.0.0.1:9003").withWeight(4);

    private final FakeTime time = new FakeTime();
    private final ProbeScript script = new ProbeScript(TIMING);
    private final MutableBackends backends = BackendSource.mutable(A, B);
    private final List<Long> versions = new ArrayList<>();

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .random(() -> 20L << 32) // the middle of the 21 numbers that an interval is varied by
                .backends(backends)
                .strategy(Strategy.roundRobin())
                .listener(new BalancerListener() {
                    @Override
                    public void membershipChanged(long version, int size) {
                        versions.add(version);
                    }
                })
                .slowStart(SlowStart.over(Duration.ofSeconds(10)));
    }

    private LoadBalancer probed(Initially initially) {
        return builder()
                .healthProbe(script.with(TIMING.initially(initially)))
                .probeExecutor(Runnable::run)
                .build();
    }

    private static BackendStats stats(LoadBalancer balancer, String id) {
        return balancer.stats().backends().stream()
                .filter(stats -> stats.backend().id().value().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static void assertShare(LoadBalancer balancer, String id, double share) {
        BackendStats stats = stats(balancer, id);
        assertThat(stats.weight()).isCloseTo(4 * share, within(1e-9));
        assertThat(stats.status()).isEqualTo(share < 1 ? Status.WARMING : Status.READY);
    }

    // Its open streams keep new ones away from what has a tenth of its weight: no traffic would ever tell.
    @Test
    void whoGetsNoTrafficIsWarmAgainToo() {
        LoadBalancer balancer = builder().strategy(Strategy.powerOfTwoChoices()).build();
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            open.add(acquire(balancer));
        }
        failOn(balancer, "a");
        assertThat(stats(balancer, "a").status()).isEqualTo(Status.UNFIT);
        for (int second = 0; second < 22; second++) {
            time.advance(Duration.ofSeconds(1));
        }
        assertShare(balancer, "a", 1);
        open.forEach(lease -> lease.complete(Outcome.success()));
        balancer.close();
    }

    private static void failOn(LoadBalancer balancer, String id) {
        for (Lease lease = acquire(balancer); ; lease = acquire(balancer)) {
            boolean found = lease.backend().id().value().equals(id);
            lease.complete(found ? Outcome.failure(FailureKind.CONNECT) : Outcome.success());
            if (found) {
                return;
            }
        }
    }

    private static Lease acquire(LoadBalancer balancer) {
        return (Lease) balancer.tryAcquire(FakeRequest.get("/"));
    }

    @Test
    void theShareFollowsEnvoysFormula() {
        SlowStart even = SlowStart.over(Duration.ofSeconds(10));
        assertThat(even.share(0)).isEqualTo(0.1);
        assertThat(even.share(5_000_000_000L)).isCloseTo(0.5, within(1e-9));
        assertThat(even.share(10_000_000_000L)).isEqualTo(1);
        assertThat(even.share(Long.MAX_VALUE)).isEqualTo(1);
        assertThat(even.aggression(2).share(2_500_000_000L)).isCloseTo(0.5, within(1e-9));
        assertThat(even.aggression(0.5).share(5_000_000_000L)).isCloseTo(0.25, within(1e-9));
        assertThat(even.from(0.3).share(1_000_000_000L)).isEqualTo(0.3);
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> SlowStart.over(Duration.ZERO))
                .hasMessage("slow start duration: PT0S (expected: > 0, at most 365 days)");
        SlowStart good = SlowStart.over(TENTH);
        assertThatThrownBy(() -> good.aggression(0)).hasMessage("aggression: 0.0 (expected: a finite number above 0)");
        assertThatThrownBy(() -> good.aggression(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> good.from(0)).hasMessage("minShare: 0.0 (expected: above 0, at most 1)");
        assertThatThrownBy(() -> good.from(1.1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whoIsThereFromTheBeginningIsWarmAndNoTimerRuns() {
        LoadBalancer balancer = builder().build();
        assertShare(balancer, "a", 1);
        time.advance(Duration.ofMinutes(1));
        assertThat(versions).hasSize(1);
    }

    @Test
    void whoComesLaterWarmsUpInTenSteps() {
        LoadBalancer balancer = builder().build();
        backends.add(C);
        assertShare(balancer, "c", 0.1);
        assertShare(balancer, "a", 1);
        for (int step = 1; step <= 10; step++) {
            time.advance(TENTH);
            assertShare(balancer, "c", Math.max(0.1, step / 10.0));
        }
        int made = versions.size();
        assertThat(made)
                .as("the first list, the new one, and each step that changed a weight")
                .isEqualTo(2 + 9);
        time.advance(Duration.ofMinutes(1));
        assertThat(versions).as("nobody warms up any more").hasSize(made);
    }

    @Test
    void severalThatWarmUpShareTheSteps() {
        LoadBalancer balancer = builder().build();
        backends.add(C);
        time.advance(TENTH.dividedBy(2));
        backends.add(Backend.of("d", "http://127.0.0.1:9004"));
        int before = versions.size();
        time.advance(Duration.ofSeconds(20));
        assertThat(versions.size() - before).isLessThanOrEqualTo(11);
        assertShare(balancer, "c", 1);
        assertThat(stats(balancer, "d").weight()).isEqualTo(1);
    }

    @Test
    void aPoolThatWasEmptyBeginsWarm() {
        backends.remove("a");
        backends.remove("b");
        LoadBalancer balancer = builder().build();
        backends.add(A);
        assertShare(balancer, "a", 1);
    }

    @Test
    void theSameIdAtAnotherAddressWarmsUp() {
        LoadBalancer balancer = builder().build();
        backends.remove("a");
        backends.add(Backend.of("a", "http://127.0.0.1:9999").withWeight(4));
        assertShare(balancer, "a", 0.1);
    }

    @Test
    void theStreamsOfWarmingMembersAreSharedByTheirWeights() {
        LoadBalancer balancer = builder().build();
        backends.add(C);
        time.advance(TENTH.multipliedBy(5));
        int onC = 0;
        for (int i = 0; i < 1_000; i++) {
            Lease lease = acquire(balancer);
            onC += lease.backend().id().value().equals("c") ? 1 : 0;
            lease.complete(Outcome.success());
        }
        assertThat(onC).as("half of 4, among 4 and 4").isCloseTo(200, within(5));
    }

    @Test
    void whoWasFoundUnfitByItsStreamsWarmsUpAgain() {
        LoadBalancer balancer = builder().build();
        failOn(balancer, "a");
        time.advance(Duration.ofSeconds(11));
        assertThat(stats(balancer, "a").weight()).as("its trial is no rush").isCloseTo(0.4, within(1e-9));
        Lease trial = acquire(balancer);
        while (!trial.backend().id().value().equals("a")) {
            trial.complete(Outcome.success());
            trial = acquire(balancer);
        }
        trial.complete(Outcome.success());
        assertShare(balancer, "a", 0.1);
        time.advance(TENTH.multipliedBy(7));
        assertShare(balancer, "a", 0.7);
        time.advance(TENTH.multipliedBy(3));
        assertShare(balancer, "a", 1);
    }

    @Test
    void aProbedNewcomerWarmsUpFromItsFirstPass() {
        LoadBalancer balancer = probed(Initially.UP);
        script.silent.add("c");
        time.advance(TENTH);
        backends.add(C);
        time.advance(Duration.ofMillis(300));
        assertShare(balancer, "c", 0.1);
        script.silent.clear();
        script.pending.get(0).complete(ProbeAnswer.pass("late, but in time"));
        time.advance(TENTH.multipliedBy(5));
        assertShare(balancer, "c", 0.5);
    }

    @Test
    void aNewcomerThatIsUnfitUntilItsFirstAnswerWarmsUpFromIt() {
        LoadBalancer balancer = probed(Initially.UNTIL_FIRST);
        script.failing.add("c");
        time.advance(TENTH);
        backends.add(C);
        time.advance(TENTH.multipliedBy(5));
        assertThat(stats(balancer, "c").status()).isEqualTo(Status.UNFIT);
        script.failing.clear();
        time.advance(TENTH);
        assertShare(balancer, "c", 0.1);
        time.advance(TENTH.multipliedBy(6));
        assertShare(balancer, "c", 0.6);
    }

    @Test
    void theFirstVerdictOfMembersFromTheBeginningDoesNotMakeThemWarmUp() {
        for (Initially initially : Initially.values()) {
            LoadBalancer balancer = probed(initially);
            time.advance(TENTH.multipliedBy(3));
            assertShare(balancer, "a", 1);
            balancer.close();
        }
    }

    @Test
    void aMemberFromTheBeginningThatWasFoundUnfitAtFirstWarmsUp() {
        for (Initially initially : Initially.values()) {
            script.failing.add("a");
            LoadBalancer balancer = probed(initially);
            time.advance(TENTH.multipliedBy(3));
            assertThat(stats(balancer, "a").status()).isEqualTo(Status.UNFIT);
            script.failing.clear();
            time.advance(TENTH);
            assertShare(balancer, "a", 0.1);
            assertShare(balancer, "b", 1);
            balancer.close();
        }
    }

    @Test
    void whoFallsWhileWarmingUpBeginsAnew() {
        LoadBalancer balancer = probed(Initially.UP);
        time.advance(TENTH);
        backends.add(C);
        time.advance(TENTH.multipliedBy(8));
        assertThat(stats(balancer, "c").weight()).isGreaterThan(2.7);
        script.failing.add("c");
        time.advance(TENTH);
        assertThat(stats(balancer, "c").status()).isEqualTo(Status.UNFIT);
        assertThat(stats(balancer, "c").weight()).isCloseTo(0.4, within(1e-9));
        time.advance(Duration.ofMinutes(1));
        script.failing.clear();
        time.advance(TENTH);
        assertShare(balancer, "c", 0.1);
    }

    @Test
    void nothingWarmsUpUnlessAsked() {
        LoadBalancer balancer = LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .backends(backends)
                .build();
        backends.add(C);
        assertShare(balancer, "c", 1);
    }
}
