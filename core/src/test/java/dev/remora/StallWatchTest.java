package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.Status;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams of two back ends, of which three in a row that stall, after 20 gaps and at least 10 s, eject theirs. */
class StallWatchTest {

    private final FakeTime time = new FakeTime();
    private final FakeRequest request = FakeRequest.get("/");
    private final List<String> changes = new ArrayList<>();
    private final LoadBalancer balancer = LoadBalancer.builder()
            .clock(time)
            .scheduler(time)
            .strategy(Strategy.roundRobin())
            .health(HealthPolicy.outlierDetection()
                    .withStallAfter(20, Duration.ofSeconds(10))
                    .withEjectionJitter(0))
            .listener(new BalancerListener() {
                @Override
                public void healthChanged(BackendId backend, boolean fit) {
                    changes.add(backend + (fit ? " fit" : " unfit"));
                }
            })
            .backends(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"))
            .build();

    /** Open streams of one back end; the others' end at once. */
    private List<Lease> open(String backend, int count, int status) {
        List<Lease> open = new ArrayList<>();
        while (open.size() < count) {
            Lease lease = (Lease) balancer.tryAcquire(request);
            if (lease.backend().id().value().equals(backend)) {
                lease.responseStarted(new FakeResponse(status));
                open.add(lease);
            } else {
                lease.complete(Outcome.cancelled());
            }
        }
        return open;
    }

    private void flow(List<Lease> streams, Duration gap, int pieces) {
        for (int i = 0; i < pieces; i++) {
            time.advance(gap);
            streams.forEach(lease -> lease.streamed(60));
        }
    }

    private Status statusOfA() {
        return balancer.stats().backends().get(0).status();
    }

    @Test
    void aBackEndWhoseStreamsFallSilentIsEjectedWhileTheyAreOpen() {
        List<Lease> streams = open("a", 3, 200);
        flow(streams, Duration.ofMillis(50), 100);
        time.advance(Duration.ofSeconds(9));
        assertThat(changes).isEmpty();
        time.advance(Duration.ofSeconds(3));
        assertThat(changes).containsExactly("a unfit");
        assertThat(balancer.stats().openStreams())
                .as("the streams themselves are let alone")
                .isEqualTo(3);
        time.advance(Duration.ofSeconds(31));
        assertThat(changes).as("noticed without any traffic").containsExactly("a unfit", "a fit");
        streams.forEach(lease -> lease.complete(Outcome.success()));
        assertThat(balancer.stats().openStreams()).isZero();
    }

    @Test
    void aBackEndThatFallsSilentAfterTheHeadStalls() {
        List<Lease> healthy = open("b", 1, 200);
        open("a", 3, 200);
        flow(healthy, Duration.ofSeconds(1), 12);
        assertThat(statusOfA()).isEqualTo(Status.UNFIT);
    }

    @Test
    void aStreamStallsOnceHoweverLongItIsSilent() {
        flow(open("a", 2, 200), Duration.ofMillis(50), 100);
        time.advance(Duration.ofMinutes(30));
        assertThat(changes).isEmpty();
    }

    @Test
    void aStalledStreamThatFailsIsOneFailure() {
        List<Lease> streams = open("a", 2, 200);
        flow(streams, Duration.ofMillis(50), 100);
        time.advance(Duration.ofSeconds(12));
        streams.forEach(lease -> lease.complete(Outcome.failure(FailureKind.STREAM_IDLE)));
        assertThat(changes).isEmpty();
    }

    @Test
    void aStreamThatGoesOnEndsTheRun() {
        List<Lease> streams = open("a", 2, 200);
        flow(streams, Duration.ofMillis(50), 100);
        time.advance(Duration.ofSeconds(12));
        flow(streams, Duration.ofMillis(50), 1);
        List<Lease> others = open("a", 2, 200);
        flow(others, Duration.ofMillis(50), 10);
        time.advance(Duration.ofSeconds(12));
        assertThat(changes).as("two and two, but not in a row").isEmpty();
    }

    @Test
    void slowRhythmsAreNotStalls() {
        List<Lease> streams = open("a", 5, 200);
        flow(streams, Duration.ofSeconds(5), 100);
        time.advance(Duration.ofSeconds(60));
        assertThat(changes).as("twelve usual gaps").isEmpty();
        time.advance(Duration.ofSeconds(60));
        assertThat(changes).as("twenty-four").containsExactly("a unfit");
    }

    @Test
    void whoThoughtForLongBeforeMayDoSoAgain() {
        List<Lease> streams = open("a", 3, 200);
        flow(streams, Duration.ofMillis(50), 200);
        time.advance(Duration.ofSeconds(9));
        flow(streams, Duration.ofMillis(50), 200);
        time.advance(Duration.ofSeconds(17));
        assertThat(changes).isEmpty();
        time.advance(Duration.ofSeconds(3));
        assertThat(changes).containsExactly("a unfit");
    }

    @Test
    void aClientThatDoesNotReadIsNotItsBackEndsSilence() {
        List<Lease> streams = open("a", 5, 200);
        flow(streams, Duration.ofMillis(50), 100);
        streams.forEach(lease -> lease.paused(true));
        time.advance(Duration.ofMinutes(10));
        assertThat(changes).isEmpty();
        streams.forEach(lease -> lease.paused(false));
        time.advance(Duration.ofSeconds(9));
        assertThat(changes).as("only what follows counts").isEmpty();
        time.advance(Duration.ofSeconds(3));
        assertThat(changes).containsExactly("a unfit");
    }

    @Test
    void connectionsThatGoBothWaysAndResumableStreamsAreSilentByNature() {
        flow(open("a", 1, 200), Duration.ofMillis(50), 10);
        open("a", 5, 101);
        open("a", 5, 200).forEach(Lease::markResumable);
        time.advance(Duration.ofMinutes(10));
        assertThat(changes).isEmpty();
    }

    @Test
    void adaptersThatTellNothingAccuseNobody() {
        open("a", 5, 200);
        time.advance(Duration.ofMinutes(10));
        assertThat(changes).isEmpty();
    }

    @Test
    void theLastStreamLeavesNothingBehindAndTheRoundsEndWithTheBalancer() {
        List<Lease> streams = open("a", 3, 200);
        flow(streams, Duration.ofMillis(50), 100);
        balancer.close();
        time.advance(Duration.ofMinutes(10));
        assertThat(changes).isEmpty();
    }
}
