package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.pool.Backend;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Twenty requests a second for four back ends, whose streams last for three minutes. Health is never in the way: what
 * keeps traffic from a bad back end here is the strategy.
 */
class LeastResponseTimeTest {

    private static final Duration BETWEEN_REQUESTS = Duration.ofMillis(50);
    private static final Duration STREAM = Duration.ofMinutes(3);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final double FAIR_SHARE = 0.25;

    private final FakeTime time = new FakeTime();
    private final Random random = new Random(7);
    private final LoadBalancer balancer = LoadBalancer.builder()
            .clock(time)
            .scheduler(time)
            .random(random)
            .health(HealthPolicy.none())
            .strategy(Strategy.leastResponseTime())
            .backends(
                    Backend.of("bad", "http://127.0.0.1:9001"),
                    Backend.of("b", "http://127.0.0.1:9002"),
                    Backend.of("c", "http://127.0.0.1:9003"),
                    Backend.of("d", "http://127.0.0.1:9004"))
            .build();

    // Of the one that is bad now and then.
    private double failing;
    private int badMillis = 100;
    private boolean stalled;

    @BeforeEach
    void everyoneIsWellAtFirst() {
        assertThat(badShareDuring(Duration.ofMinutes(5))).isBetween(FAIR_SHARE - 0.02, FAIR_SHARE + 0.02);
    }

    @Test
    void whoFailsFastIsAvoidedAndFoundAgainWhenItIsWell() {
        failing = 1;
        badMillis = 1;
        assertThat(badShareDuring(Duration.ofMinutes(5))).isLessThan(0.02);
        failing = 0;
        badMillis = 100;
        badIsFoundAgain();
    }

    @Test
    void whoFailsFastButNotAlwaysIsAvoidedToo() {
        failing = 0.3;
        badMillis = 1;
        assertThat(badShareDuring(Duration.ofMinutes(5))).isLessThan(FAIR_SHARE / 2);
        failing = 0;
        badMillis = 100;
        badIsFoundAgain();
    }

    @Test
    void whoNeverAnswersIsAvoidedWhenItsClientsGiveUpToo() {
        stalled = true;
        badShareDuring(Duration.ofMinutes(1));
        assertThat(badShareDuring(Duration.ofMinutes(5))).isLessThan(0.02);
        stalled = false;
        badIsFoundAgain();
    }

    @Test
    void whoAnswersSlowlyGetsLess() {
        badMillis = 1_000;
        assertThat(badShareDuring(Duration.ofMinutes(5))).isLessThan(FAIR_SHARE / 2);
    }

    // It begins with one stream, and is trusted with twice as many every few seconds.
    private void badIsFoundAgain() {
        badShareDuring(Duration.ofMinutes(1));
        assertThat(badShareDuring(Duration.ofSeconds(20))).isGreaterThan(FAIR_SHARE);
    }

    private double badShareDuring(Duration duration) {
        long requests = duration.dividedBy(BETWEEN_REQUESTS);
        int bad = 0;
        for (int i = 0; i < requests; i++) {
            time.advance(BETWEEN_REQUESTS);
            Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
            boolean toBad = lease.backend().id().value().equals("bad");
            bad += toBad ? 1 : 0;
            if (toBad && stalled) {
                after(PATIENCE, () -> lease.complete(Outcome.cancelled()));
                continue;
            }
            serve(lease, toBad ? badMillis : 100, toBad && random.nextDouble() < failing);
        }
        return (double) bad / requests;
    }

    private void serve(Lease lease, int millis, boolean fails) {
        // A little jitter, or all back ends would be equally fast to the nanosecond.
        after(Duration.ofMillis(millis).plusNanos(random.nextInt(1_000_000)), () -> {
            if (fails) {
                lease.complete(Outcome.failure(FailureKind.NO_RESPONSE));
            } else {
                lease.responseStarted(new FakeResponse(200));
            }
        });
        after(STREAM, () -> lease.complete(Outcome.success()));
    }

    private void after(Duration delay, Runnable task) {
        var unused = time.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
