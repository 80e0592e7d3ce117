package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.Status;
import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.http.FakeHeaders;
import dev.remora.pool.Backend;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody sets the clock of the wall while traffic runs: nothing that is measured follows it. */
class WallClockTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final FakeTime time = new FakeTime();
    private final FakeRequest request = FakeRequest.get("/");
    private Instant wall = Instant.parse("2026-11-22T12:00:00Z");

    private LoadBalancer balancer() {
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .wallClock(() -> wall)
                .strategy(Strategy.roundRobin())
                .stickyCookie(StickyCookie.signedWith(new byte[32]).withClock(() -> wall))
                .health(HealthPolicy.maxFails(1, Duration.ofSeconds(10)))
                .backends(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"))
                .build();
    }

    @ParameterizedTest
    @ValueSource(longs = {-365, -1, 1, 365})
    void failTimeoutsAndDrainsKeepTheirTime(long days) {
        LoadBalancer balancer = balancer();
        Lease failed = (Lease) balancer.tryAcquire(request);
        Lease lease = (Lease) failed.retry(Outcome.failure(FailureKind.CONNECT));
        lease.responseStarted(new FakeResponse(200));
        List<EndRequest.Urgency> asked = new ArrayList<>();
        lease.onEndRequested(wish -> asked.add(wish.urgency()));
        assertThat(status(balancer, failed)).isEqualTo(Status.UNFIT);

        Draining drain = balancer.drain(
                lease.backend().id(),
                Drain.softly(Duration.ofSeconds(20))
                        .until(Duration.ofSeconds(40))
                        .spread(Duration.ofSeconds(10)));
        wall = wall.plus(Duration.ofDays(days));
        time.advance(Duration.ofSeconds(9));
        assertThat(status(balancer, failed)).as("after 9 of 10 s").isEqualTo(Status.UNFIT);
        time.advance(SECOND.multipliedBy(2));
        assertThat(status(balancer, failed)).as("after 11 of 10 s").isEqualTo(Status.READY);
        assertThat(asked).as("before the soft deadline").isEmpty();
        wall = wall.minus(Duration.ofDays(2 * days));
        time.advance(Duration.ofSeconds(28));
        assertThat(asked).as("a second before the hard deadline").containsExactly(EndRequest.Urgency.POLITE);
        time.advance(SECOND.multipliedBy(2));
        assertThat(asked).containsExactly(EndRequest.Urgency.POLITE, EndRequest.Urgency.NOW);
        lease.complete(Outcome.cancelled());
        assertThat(drain.phase()).isEqualTo(Draining.Phase.EMPTY);
        assertThat(balancer.stats().openStreams()).isZero();
        balancer.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {-365, -1, 1, 365})
    void tiesStay(long days) {
        LoadBalancer balancer = balancer();
        Lease first = (Lease) balancer.tryAcquire(request);
        FakeHeaders headers = new FakeHeaders();
        first.responseStarted(new FakeResponse(200)).applyTo(headers);
        String cookie = headers.values("set-cookie").get(0).split(";", 2)[0];
        first.complete(Outcome.success());
        wall = wall.plus(Duration.ofDays(days));
        for (int i = 0; i < 5; i++) {
            Lease next = (Lease) balancer.tryAcquire(FakeRequest.get("/").header("cookie", cookie));
            assertThat(next.backend()).isEqualTo(first.backend());
            assertThat(next.reason()).isEqualTo(PickReason.STICKY);
            next.complete(Outcome.success());
        }
        balancer.close();
    }

    private static Status status(LoadBalancer balancer, Lease lease) {
        return balancer.stats().backends().stream()
                .filter(member -> member.backend().equals(lease.backend()))
                .findFirst()
                .orElseThrow()
                .status();
    }
}
