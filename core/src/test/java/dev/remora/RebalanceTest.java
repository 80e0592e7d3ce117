package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RebalanceTest {

    private final FakeTime time = new FakeTime();
    private final MutableBackends backends = BackendSource.mutable(Backend.of("a", "http://127.0.0.1:9001"));
    private final List<Lease> asked = new ArrayList<>();

    private LoadBalancer balancer(Rebalance plan) {
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .random(new Random(3))
                .backends(backends)
                .strategy(Strategy.roundRobin())
                .rebalance(plan)
                .build();
    }

    private Lease open(LoadBalancer balancer) {
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        lease.onEndRequested(request -> {
            assertThat(request.reason()).isEqualTo(EndRequest.Reason.REBALANCE);
            assertThat(request.urgency()).isEqualTo(EndRequest.Urgency.POLITE);
            asked.add(lease);
        });
        return lease;
    }

    private List<Lease> openResumable(LoadBalancer balancer, int streams) {
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            Lease lease = open(balancer);
            lease.markResumable();
            open.add(lease);
        }
        return open;
    }

    private void addB(int weight) {
        backends.add(Backend.of("b", "http://127.0.0.1:9002").withWeight(weight));
    }

    @Test
    void onlyTheExcessIsAskedAndNotFasterThanTheBudgetAllows() {
        LoadBalancer balancer = balancer(Rebalance.whenAbove(1.5).streamsPerSecond(4));
        openResumable(balancer, 40);
        time.advance(Duration.ofSeconds(10));
        assertThat(asked).as("alone it has its share").isEmpty();
        addB(1);
        time.advance(Duration.ofSeconds(1));
        assertThat(asked).hasSizeBetween(3, 5);
        time.advance(Duration.ofSeconds(1));
        assertThat(asked).hasSizeBetween(7, 9);
        time.advance(Duration.ofHours(1));
        assertThat(asked)
                .as("40 of 40 with a mean of 20: 30 are tolerated, whether those that were asked have gone or not")
                .hasSize(10);
    }

    @Test
    void itStopsAsSoonAsTheExcessIsGone() {
        LoadBalancer balancer = balancer(Rebalance.whenAbove(1.5).streamsPerSecond(1));
        List<Lease> open = openResumable(balancer, 40);
        addB(1);
        time.advance(Duration.ofSeconds(3));
        assertThat(asked).hasSize(3);
        // Half of those of "a" end by themselves, and "b" gets some.
        for (Lease lease : open.subList(0, 20)) {
            lease.complete(Outcome.success());
        }
        openResumable(balancer, 20);
        int before = asked.size();
        time.advance(Duration.ofMinutes(5));
        assertThat(asked).hasSize(before);
    }

    @Test
    void whoFollowsComesToTheOthersUntilTheShareIsFair() {
        LoadBalancer balancer = balancer(Rebalance.whenAbove(1.2).streamsPerSecond(50));
        openResumable(balancer, 300);
        addB(2);
        for (int i = 0; i < 120; i++) {
            time.advance(Duration.ofSeconds(1));
            List<Lease> leaving = List.copyOf(asked);
            asked.clear();
            leaving.forEach(lease -> lease.complete(Outcome.success()));
            openResumable(balancer, leaving.size());
        }
        List<BalancerStats.BackendStats> stats = balancer.stats().backends();
        assertThat(stats.get(0).openStreams() + stats.get(1).openStreams()).isEqualTo(300);
        assertThat(stats.get(0).openStreams()).as("a third, and a fifth more").isBetween(115L, 120L);
        time.advance(Duration.ofHours(1));
        assertThat(asked).isEmpty();
    }

    @Test
    void theIdlestAreAskedFirst() {
        LoadBalancer balancer = balancer(Rebalance.whenAbove(1.5));
        List<Lease> open = openResumable(balancer, 40);
        time.advance(Duration.ofMinutes(1));
        for (int i = 0; i < 40; i++) {
            if (i != 3 && i != 17 && i != 29) {
                time.advance(Duration.ofMillis(5));
                open.get(i).streamed(60);
            }
        }
        time.advance(Duration.ofSeconds(20));
        open.get(29).event();
        addB(1);
        time.advance(Duration.ofMinutes(1));
        assertThat(asked).hasSize(10);
        assertThat(asked.subList(0, 2)).containsExactlyInAnyOrder(open.get(3), open.get(17));
        assertThat(asked.subList(2, 4)).containsExactly(open.get(0), open.get(1));
        assertThat(asked).doesNotContain(open.get(29));
    }

    @Test
    void streamsThatCannotBeResumedAndThoseOfOthersAreNeverTouched() {
        LoadBalancer balancer = balancer(Rebalance.whenAbove(1.2));
        List<Lease> finite = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            finite.add(open(balancer));
        }
        addB(1);
        List<Lease> later = openResumable(balancer, 2);
        later.forEach(lease -> lease.cost(0.5));
        time.advance(Duration.ofHours(1));
        assertThat(asked).allMatch(lease -> lease.backend().id().value().equals("a"));
        assertThat(asked).doesNotContainAnyElementsOf(finite).hasSize(1);
    }

    @Test
    void noStreamIsSentInCircles() {
        LoadBalancer balancer = balancer(Rebalance.whenAbove(1.1));
        openResumable(balancer, 1);
        addB(1);
        time.advance(Duration.ofHours(1));
        assertThat(asked).as("it would be too much wherever it is").isEmpty();
    }

    @Test
    void aBackEndThatDrainsIsNobodysMeasure() {
        addB(1);
        LoadBalancer balancer = balancer(Rebalance.whenAbove(1.1));
        balancer.drain("b", Drain.softly(Duration.ofHours(2)).until(Duration.ofHours(3)));
        openResumable(balancer, 30);
        time.advance(Duration.ofHours(1));
        assertThat(asked).isEmpty();
    }

    @Test
    void aPlanThatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> Rebalance.whenAbove(1)).hasMessage("threshold: 1.0 (expected: > 1)");
        assertThatThrownBy(() -> Rebalance.whenAbove(Double.NaN)).hasMessage("threshold: NaN (expected: > 1)");
        assertThatThrownBy(() -> Rebalance.whenAbove(2).streamsPerSecond(0))
                .hasMessage("streamsPerSecond: 0 (expected: 1 to 1000)");
        assertThatThrownBy(() -> Rebalance.whenAbove(2).closeCode(1))
                .hasMessage("closeCode: 1 (expected: 1000 to 4999, and not 1004, 1005, 1006 or 1015)");
        assertThatThrownBy(() -> Rebalance.whenAbove(2).retryAfter(Duration.ofSeconds(-1)))
                .hasMessage("retryAfter: PT-1S (expected: >= 0)");
    }
}
