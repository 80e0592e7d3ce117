package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What back ends get at once has limits, for each of them and for all together. */
class LoadLimitsTest {

    private final MutableBackends backends =
            BackendSource.mutable(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"));
    private final List<Lease> open = new ArrayList<>();

    private LoadBalancer balancer(LoadLimits limits) {
        return LoadBalancer.builder().backends(backends).limits(limits).build();
    }

    private int fill(LoadBalancer balancer) {
        int before = open.size();
        Pick pick = balancer.tryAcquire(FakeRequest.get("/"));
        while (pick instanceof Lease lease) {
            open.add(lease);
            pick = balancer.tryAcquire(FakeRequest.get("/"));
        }
        Refusal refusal = (Refusal) pick;
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.SATURATED);
        assertThat(refusal.problem().status()).isEqualTo(503);
        assertThat(refusal.problem().retryAfterSeconds()).contains("1");
        return open.size() - before;
    }

    private void allRespond() {
        open.forEach(lease -> lease.responseStarted(new FakeResponse(200)));
    }

    @Test
    void streamsOfEachBackEnd() {
        backends.add(Backend.of("c", "http://127.0.0.1:9003").withMaxStreams(1));
        LoadBalancer balancer = balancer(LoadLimits.none().withStreamsPerBackend(3));
        assertThat(fill(balancer)).as("3 + 3, and 1 by its own cap").isEqualTo(7);
        allRespond();
        assertThat(fill(balancer)).isZero();
    }

    @Test
    void pendingRequestsOfEachBackEnd() {
        LoadBalancer balancer = balancer(LoadLimits.none().withPendingPerBackend(2));
        assertThat(fill(balancer)).isEqualTo(4);
        allRespond();
        assertThat(fill(balancer)).as("streaming ones are not pending").isEqualTo(4);
    }

    @Test
    void streamsOfThePoolAlsoThoseOfBackEndsThatLeft() {
        LoadBalancer balancer = balancer(LoadLimits.none().withStreams(5));
        assertThat(fill(balancer)).isEqualTo(5);
        backends.remove("a");
        assertThat(fill(balancer)).isZero();
        open.remove(0).complete(Outcome.success());
        assertThat(fill(balancer)).isEqualTo(1);
        while (!open.isEmpty()) {
            open.remove(0).complete(Outcome.cancelled());
        }
        assertThat(fill(balancer)).isEqualTo(5);
    }

    @Test
    void pendingRequestsOfThePool() {
        LoadBalancer balancer = balancer(LoadLimits.none().withPending(3));
        assertThat(fill(balancer)).isEqualTo(3);
        open.get(1).responseStarted(new FakeResponse(200));
        assertThat(fill(balancer)).isEqualTo(1);
        open.get(0).complete(Outcome.success());
        open.get(1).complete(Outcome.success());
        assertThat(fill(balancer)).as("one of the two was not pending any more").isEqualTo(1);
    }

    @Test
    void badNumbersAreNamed() {
        assertThatThrownBy(() -> LoadLimits.none().withStreams(0)).hasMessage("streams: 0 (expected: >= 1)");
        assertThatThrownBy(() -> LoadLimits.none().withPending(-1)).hasMessage("pending: -1 (expected: >= 1)");
        assertThatThrownBy(() -> LoadLimits.none().withStreamsPerBackend(0))
                .hasMessage("streamsPerBackend: 0 (expected: >= 1)");
        assertThatThrownBy(() -> LoadLimits.none().withPendingPerBackend(0))
                .hasMessage("pendingPerBackend: 0 (expected: >= 1)");
    }
}
