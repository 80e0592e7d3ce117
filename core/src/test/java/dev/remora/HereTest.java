package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Admission;
import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthProbe;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An application without back ends, which guards itself. */
class HereTest {

    private final FakeTime time = new FakeTime();
    private final FakeRequest request = FakeRequest.get("/");

    private LoadBalancerBuilder door(int maxStreams) {
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .health(HealthPolicy.none())
                .backends(Backend.here().withMaxStreams(maxStreams));
    }

    private Lease enter(LoadBalancer balancer) {
        return (Lease) balancer.tryAcquire(request);
    }

    @Test
    void aFullApplicationRefusesUntilAStreamEnds() {
        LoadBalancer balancer = door(1).build();
        Lease lease = enter(balancer);
        assertThat(balancer.stats().openStreams()).isEqualTo(1);

        Refusal refusal = (Refusal) balancer.tryAcquire(request);
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.SATURATED);
        assertThat(refusal.problem().retryAfterSeconds()).contains("1");

        lease.complete(Outcome.success());
        assertThat(enter(balancer).complete(Outcome.success())).isTrue();
        assertThat(balancer.stats().openStreams()).isZero();
    }

    @Test
    void guardsAreAsked() {
        LoadBalancer balancer = door(10).guard((visit, visitor) -> Admission.denied("later", Duration.ofSeconds(7)))
                .build();
        Refusal refusal = (Refusal) balancer.tryAcquire(request);
        assertThat(refusal.problem().status()).isEqualTo(429);
        assertThat(refusal.problem().retryAfterSeconds()).contains("7");
    }

    @Test
    void aDrainAsksTheOpenStreamsToEndAndLetsNobodyIn() {
        LoadBalancer balancer = door(10).build();
        Lease lease = enter(balancer);
        List<EndRequest> wishes = new ArrayList<>();
        lease.onEndRequested(wishes::add);

        balancer.drain("here", Drain.softly(Duration.ZERO).until(Duration.ofSeconds(5)));
        time.advance(Duration.ofSeconds(5));

        assertThat(wishes).extracting(EndRequest::reason).containsOnly(EndRequest.Reason.DRAIN);
        assertThat(wishes).extracting(EndRequest::urgency).contains(EndRequest.Urgency.NOW);
        assertThat(((Refusal) balancer.tryAcquire(request)).problem().status()).isEqualTo(503);
        assertThat(lease.complete(Outcome.cancelled())).isTrue();
    }

    @Test
    void failuresOfTheApplicationDoNotShutTheDoor() {
        LoadBalancer balancer = door(10).build();
        for (int i = 0; i < 100; i++) {
            enter(balancer).complete(Outcome.failure(FailureKind.NO_RESPONSE));
        }
        assertThat(enter(balancer).complete(Outcome.success())).isTrue();
    }

    @Test
    void probesAreRefused() {
        LoadBalancerBuilder probed = door(10).healthProbe(HealthProbe.tcp());
        assertThatThrownBy(probed::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("healthProbe: set (expected: none with Backend.here(), which is this application itself)");
    }

    @Test
    void othersBesideItAreRefused() {
        LoadBalancerBuilder mixed = door(10).backends(Backend.here(), Backend.of("a", "http://127.0.0.1:1"));
        assertThatThrownBy(mixed::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backends: Backend.here() and 1 more (expected: Backend.here() alone)");
    }

    @Test
    void aListThatAddsOthersLaterIsIgnored() {
        MutableBackends backends = BackendSource.mutable(Backend.here());
        LoadBalancer balancer = door(10).backends(backends).build();
        backends.add(Backend.of("a", "http://127.0.0.1:1"));
        time.advance(Duration.ofSeconds(1));
        assertThat(balancer.stats().backends()).hasSize(1);
    }

    @Test
    void itIsKnownHoweverItIsChanged() {
        assertThat(Backend.here().isHere()).isTrue();
        assertThat(Backend.here().withMaxStreams(7).withWeight(2).isHere()).isTrue();
        assertThat(Backend.of("here", "http://127.0.0.1:1").isHere()).isFalse();
    }
}
