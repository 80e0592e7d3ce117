package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.BalancerStats.Status;
import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.ResponseView;
import dev.remora.health.HealthPolicy;
import dev.remora.pool.Backend;
import dev.remora.session.SessionMap;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoolDownTest {

    private final FakeTime time = new FakeTime();
    private final FakeRequest request = FakeRequest.get("/");
    private final List<String> changes = new ArrayList<>();

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .wallClock(() -> Instant.parse("2026-11-22T12:00:00Z"))
                .strategy(Strategy.roundRobin())
                .health(HealthPolicy.outlierDetection().withConsecutiveErrors(1))
                .listener(new BalancerListener() {
                    @Override
                    public void healthChanged(dev.remora.pool.BackendId backend, boolean fit) {
                        changes.add(backend + (fit ? " fit" : " unfit"));
                    }
                })
                .backends(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"));
    }

    private static String id(Pick pick) {
        return ((Lease) pick).backend().id().value();
    }

    /** The back end that a new client gets. */
    private String pick(LoadBalancer balancer) {
        Lease lease = (Lease) balancer.tryAcquire(request);
        lease.complete(Outcome.success());
        return id(lease);
    }

    private void answer(LoadBalancer balancer, String backend, int status, String... retryAfter) {
        Lease lease;
        do {
            lease = (Lease) balancer.tryAcquire(request);
            if (!id(lease).equals(backend)) {
                lease.complete(Outcome.cancelled());
            }
        } while (!id(lease).equals(backend));
        lease.responseStarted(new Answer(status, List.of(retryAfter)));
        lease.complete(Outcome.success());
    }

    private static Status status(LoadBalancer balancer, int index) {
        return balancer.stats().backends().get(index).status();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void newClientsSpareItForAsLongAsItAsks(int status) {
        LoadBalancer balancer = builder().build();
        answer(balancer, "a", status, "30");
        assertThat(status(balancer, 0)).isEqualTo(Status.COOLING);
        for (int i = 0; i < 20; i++) {
            assertThat(pick(balancer)).isEqualTo("b");
        }
        time.advance(Duration.ofSeconds(31));
        assertThat(List.of(pick(balancer), pick(balancer))).containsExactlyInAnyOrder("a", "b");
        assertThat(status(balancer, 0)).isEqualTo(Status.READY);
        assertThat(changes).as("it was never unfit").isEmpty();
    }

    @Test
    void itIsNoFailure() {
        LoadBalancer balancer = builder().build();
        for (int i = 0; i < 10; i++) {
            answer(balancer, "a", 503, "1");
            time.advance(Duration.ofSeconds(2));
        }
        assertThat(changes).isEmpty();
    }

    @Test
    void theLongestTimeIsTheUsers() {
        LoadBalancer balancer = builder().coolDown(Duration.ofSeconds(5)).build();
        answer(balancer, "a", 429, "86400");
        time.advance(Duration.ofMillis(4_900));
        assertThat(status(balancer, 0)).isEqualTo(Status.COOLING);
        time.advance(Duration.ofMillis(200));
        assertThat(status(balancer, 0)).isEqualTo(Status.READY);
    }

    @Test
    void aDateIsUnderstood() {
        LoadBalancer balancer = builder().build();
        answer(balancer, "a", 429, "Sun, 22 Nov 2026 12:00:10 GMT");
        time.advance(Duration.ofMillis(9_900));
        assertThat(status(balancer, 0)).isEqualTo(Status.COOLING);
        time.advance(Duration.ofMillis(200));
        assertThat(status(balancer, 0)).isEqualTo(Status.READY);
    }

    @Test
    void aShorterWishDoesNotEndALongerOne() {
        LoadBalancer balancer = builder().build();
        Lease first = null;
        Lease second = null;
        for (int i = 0; i < 4; i++) {
            Lease lease = (Lease) balancer.tryAcquire(request);
            if (id(lease).equals("a")) {
                second = first;
                first = lease;
            }
        }
        first.responseStarted(new Answer(429, List.of("30")));
        second.responseStarted(new Answer(429, List.of("2")));
        time.advance(Duration.ofSeconds(20));
        assertThat(status(balancer, 0)).isEqualTo(Status.COOLING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "soon", "Sun, 22 Nov 2026 11:59:59 GMT"})
    void aTimeThatIsOverOrNoneIsAnOrdinaryAnswer(String value) {
        LoadBalancer balancer = builder().build();
        answer(balancer, "b", 429, value);
        assertThat(status(balancer, 1)).isEqualTo(Status.READY);
        answer(balancer, "a", 503, value);
        assertThat(status(balancer, 0)).isEqualTo(Status.UNFIT);
    }

    @Test
    void otherStatusesDoNotAskForIt() {
        LoadBalancer balancer = builder().health(HealthPolicy.none()).build();
        answer(balancer, "a", 500, "30");
        answer(balancer, "b", 301, "30");
        assertThat(balancer.stats().backends()).allMatch(stats -> stats.status() == Status.READY);
    }

    @Test
    void zeroSwitchesItOff() {
        LoadBalancer balancer = builder().coolDown(Duration.ZERO).build();
        answer(balancer, "a", 503, "30");
        assertThat(status(balancer, 0)).isEqualTo(Status.UNFIT);
        assertThatThrownBy(() -> builder().coolDown(Duration.ofSeconds(-1)).build())
                .hasMessage("coolDown: PT-1S (expected: 0 to 365 days)");
    }

    @Test
    void whenAllAskToBeSparedNoneIs() {
        LoadBalancer balancer = builder().build();
        answer(balancer, "a", 429, "30");
        answer(balancer, "b", 429, "30");
        assertThat(List.of(pick(balancer), pick(balancer))).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void oneThatIsUnfitDoesNotStandInForThoseThatCool() {
        LoadBalancer balancer = builder().build();
        answer(balancer, "a", 500);
        answer(balancer, "b", 429, "30");
        for (int i = 0; i < 10; i++) {
            assertThat(pick(balancer)).isEqualTo("b");
        }
    }

    @Test
    void aFullMemberDoesNotEndTheRestOfTheOthers() {
        LoadBalancer balancer = builder()
                .backends(
                        Backend.of("a", "http://127.0.0.1:9001"),
                        Backend.of("b", "http://127.0.0.1:9002").withMaxStreams(1))
                .build();
        answer(balancer, "a", 429, "30");
        assertThat(id(balancer.tryAcquire(request))).isEqualTo("b");
        assertThat(((Refusal) balancer.tryAcquire(request)).reason()).isEqualTo(Refusal.Reason.SATURATED);
    }

    @Test
    void clientsThatAreBoundStay() {
        LoadBalancer balancer = builder()
                .affinity(AffinityRule.header("x-session"))
                .sessions(SessionMap.local(10, Duration.ofMinutes(10)))
                .build();
        FakeRequest known = FakeRequest.get("/").header("x-session", "s1");
        String home = id(balancer.tryAcquire(known));
        answer(balancer, home, 429, "30");
        for (int i = 0; i < 10; i++) {
            Lease lease = (Lease) balancer.tryAcquire(known);
            assertThat(id(lease)).isEqualTo(home);
            assertThat(lease.reason()).isEqualTo(PickReason.STICKY);
        }
    }

    /** A head whose only field is Retry-After. */
    private record Answer(int status, List<String> retryAfter) implements ResponseView {
        @Override
        public List<String> headers(String name) {
            return name.equalsIgnoreCase("retry-after") ? retryAfter : List.of();
        }
    }
}
