package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PanicTest {

    private final FakeTime time = new FakeTime();
    private final FakeRequest request = FakeRequest.get("/");
    private final MutableBackends backends = BackendSource.mutable();

    private LoadBalancerBuilder builder(String... ids) {
        for (int i = 0; i < ids.length; i++) {
            backends.add(Backend.of(ids[i], "http://127.0.0.1:" + (9000 + i)));
        }
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .strategy(Strategy.roundRobin())
                .health(HealthPolicy.maxFails(1, Duration.ofSeconds(10)))
                .backends(backends);
    }

    private static String id(Pick pick) {
        return ((Lease) pick).backend().id().value();
    }

    /** Opens streams on all, and lets those of some fail, in this order, a second apart. */
    private void fail(LoadBalancer balancer, String... ids) {
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < backends.list().size(); i++) {
            open.add((Lease) balancer.tryAcquire(request));
        }
        for (String id : ids) {
            open.stream()
                    .filter(lease -> id(lease).equals(id))
                    .forEach(lease -> lease.complete(Outcome.failure(FailureKind.NO_RESPONSE)));
            time.advance(Duration.ofSeconds(1));
        }
        open.forEach(lease -> lease.complete(Outcome.cancelled()));
    }

    private Set<String> picked(LoadBalancer balancer) {
        Set<String> ids = new TreeSet<>();
        for (int i = 0; i < 40; i++) {
            Lease lease = (Lease) balancer.tryAcquire(request);
            ids.add(id(lease));
            lease.complete(Outcome.cancelled());
        }
        return ids;
    }

    @Test
    void byDefaultTheLastFitMemberServesAll() {
        LoadBalancer balancer = builder("a", "b", "c", "d").build();
        fail(balancer, "a", "b", "c");
        assertThat(picked(balancer)).containsExactly("d");
    }

    @Test
    void belowTheThresholdHealthIsIgnored() {
        LoadBalancer balancer = builder("a", "b", "c", "d").panicThreshold(0.5).build();
        fail(balancer, "a", "b");
        assertThat(picked(balancer)).as("half of them are fit").containsExactly("c", "d");
        fail(balancer, "c");
        assertThat(picked(balancer)).containsExactly("a", "b", "c", "d");
    }

    @Test
    void drainingIsNeverIgnored() {
        LoadBalancer balancer = builder("a", "b", "c", "d").panicThreshold(1).build();
        backends.drain("b");
        fail(balancer, "a");
        assertThat(picked(balancer)).containsExactly("a", "c", "d");
        fail(balancer, "c", "d");
        assertThat(picked(balancer)).doesNotContain("b");
    }

    @Test
    void itEndsWhenEnoughAreFitAgain() {
        LoadBalancer balancer = builder("a", "b").panicThreshold(0.6).build();
        fail(balancer, "a");
        assertThat(picked(balancer)).containsExactly("a", "b");
        time.advance(Duration.ofSeconds(11));
        // The trial of a succeeds, as does what b serves.
        for (int i = 0; i < 2; i++) {
            ((Lease) balancer.tryAcquire(request)).complete(Outcome.success());
        }
        fail(balancer, "b");
        assertThat(balancer.stats().backends())
                .extracting(BalancerStats.BackendStats::status)
                .containsExactly(BalancerStats.Status.READY, BalancerStats.Status.UNFIT);
    }

    @Test
    void membersThatComeAreCounted() {
        LoadBalancer balancer = builder("a", "b").panicThreshold(0.6).build();
        fail(balancer, "a");
        backends.add(Backend.of("c", "http://127.0.0.1:9100"));
        assertThat(picked(balancer)).as("two of three are fit").containsExactly("b", "c");
    }

    @Test
    void whenNoneIsFitTheLeastRecentlyFailedServes() {
        LoadBalancer balancer = builder("a", "b", "c").build();
        fail(balancer, "b", "c", "a");
        Lease lease = (Lease) balancer.tryAcquire(request);
        assertThat(id(lease)).isEqualTo("b");
        lease.complete(Outcome.failure(FailureKind.CONNECT));
        time.advance(Duration.ofMillis(10));
        assertThat(id(balancer.tryAcquire(request)))
                .as("that has failed just now")
                .isEqualTo("c");
    }

    @Test
    void theOnlyOneServesAlsoAtTheInstantOfItsFailure() {
        for (int parity = 0; parity < 2; parity++) {
            long odd = parity;
            LoadBalancer balancer = LoadBalancer.builder()
                    .clock(() -> 1_000_000 + odd)
                    .scheduler(time)
                    .backends(Backend.of("a", "http://127.0.0.1:9001"))
                    .build();
            ((Lease) balancer.tryAcquire(request)).complete(Outcome.failure(FailureKind.CONNECT));
            assertThat(balancer.tryAcquire(request))
                    .as("parity of the clock: %d", parity)
                    .isInstanceOf(Lease.class);
        }
    }

    @Test
    void exactlyTheShareOfTheThresholdIsEnough() {
        String[] ids = IntStream.range(0, 25).mapToObj(i -> "n" + i).toArray(String[]::new);
        LoadBalancer balancer = builder(ids).panicThreshold(0.28).build();
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            open.add((Lease) balancer.tryAcquire(request));
        }
        open.subList(0, 18).forEach(lease -> lease.complete(Outcome.failure(FailureKind.CONNECT)));
        open.subList(18, 25).forEach(lease -> lease.complete(Outcome.success()));
        // 0.28 * 25 is more than 7 in the arithmetic of doubles.
        assertThat(picked(balancer)).hasSize(7);
    }

    @Test
    void aRetryGoesToTheNextOfThem() {
        LoadBalancer balancer = builder("a", "b", "c").build();
        fail(balancer, "b", "c", "a");
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease = (Lease) lease.retry(new Outcome.Failure(FailureKind.CONNECT));
        assertThat(id(lease)).isEqualTo("c");
        lease = (Lease) lease.retry(new Outcome.Failure(FailureKind.CONNECT));
        assertThat(id(lease)).isEqualTo("a");
        assertThat(lease.retry(new Outcome.Failure(FailureKind.CONNECT))).isInstanceOf(Refusal.class);
    }

    @Test
    void theLeastRecentlyFailedThatDrainsIsPassedOver() {
        LoadBalancer balancer = builder("a", "b", "c").panicThreshold(0.5).build();
        fail(balancer, "b", "c", "a");
        backends.drain("b");
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("c");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void aThresholdIsAShare(double share) {
        LoadBalancerBuilder builder = builder("a").panicThreshold(share);
        assertThatThrownBy(builder::build).hasMessage("panicThreshold: " + share + " (expected: 0 to 1)");
    }
}
