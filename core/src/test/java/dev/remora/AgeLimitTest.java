package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.EndRequest.Urgency;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AgeLimitTest {

    private static final Duration AGE = Duration.ofMinutes(10);

    private int timers;
    private final FakeTime time = new FakeTime() {
        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            timers++;
            return super.schedule(command, delay, unit);
        }
    };
    private final Map<Urgency, List<Long>> atMillis = new HashMap<>();

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .random(new Random(3))
                .backends(Backend.of("a", "http://127.0.0.1:9001"));
    }

    private List<Lease> open(LoadBalancer balancer, int streams) {
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            long from = time.nanos();
            Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
            lease.onEndRequested(request -> {
                assertThat(request.reason()).isEqualTo(EndRequest.Reason.AGE);
                told(request.urgency()).add((time.nanos() - from) / 1_000_000);
            });
            open.add(lease);
        }
        return open;
    }

    private List<Long> told(Urgency urgency) {
        return atMillis.computeIfAbsent(urgency, each -> new ArrayList<>());
    }

    @Test
    void streamsThatWereOpenedTogetherAreAskedOneAfterTheOther() {
        LoadBalancer balancer = builder().maxStreamAge(AGE).build();
        List<Lease> open = open(balancer, 2_000);
        time.advance(AGE.plusHours(1));
        assertThat(told(Urgency.NOW)).as("without a grace nothing is cut").isEmpty();
        int[] tenths = new int[10];
        for (long at : told(Urgency.POLITE)) {
            assertThat(at).isBetween(540_000L, 600_050L);
            tenths[(int) Math.min(9, (at - 540_000) / 6_000)]++;
        }
        // 200 are expected in each; a binomial number has a standard deviation of 13.4 here, four of them are allowed.
        assertThat(Arrays.stream(tenths).boxed()).allMatch(count -> Math.abs(count - 200) <= 54);
        assertThat(told(Urgency.POLITE).stream().distinct().count()).isGreaterThan(900);
        assertThat(told(Urgency.POLITE)).hasSize(2_000);
        open.forEach(lease -> lease.complete(Outcome.success()));
    }

    @Test
    void afterTheGraceTheyAreEndedForGood() {
        LoadBalancer balancer =
                builder().maxStreamAge(AGE, Duration.ofSeconds(30)).build();
        Lease followed = open(balancer, 1).get(0);
        List<Lease> stubborn = open(balancer, 50);
        followed.onEndRequested(request -> {
            assertThat(request.urgency()).isEqualTo(Urgency.POLITE);
            followed.complete(Outcome.success());
        });
        time.advance(AGE.plusHours(1));
        assertThat(told(Urgency.POLITE)).hasSize(50);
        assertThat(told(Urgency.NOW)).hasSize(50);
        for (int i = 0; i < 50; i++) {
            assertThat(told(Urgency.NOW).get(i) - told(Urgency.POLITE).get(i)).isBetween(29_900L, 30_100L);
        }
        stubborn.forEach(lease -> lease.complete(Outcome.cancelled()));
    }

    @Test
    void aDrainThatWasCancelledDoesNotMakeThemImmortal() {
        LoadBalancer balancer = builder().maxStreamAge(AGE).build();
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        List<EndRequest.Reason> reasons = new ArrayList<>();
        lease.onEndRequested(request -> reasons.add(request.reason()));
        time.advance(Duration.ofSeconds(500));
        Draining run = balancer.drain(
                "a", Drain.softly(Duration.ZERO).until(Duration.ofHours(1)).spread(Duration.ZERO));
        time.advance(Duration.ofMinutes(5));
        run.cancel();
        time.advance(Duration.ofSeconds(2));
        assertThat(reasons).containsExactly(EndRequest.Reason.DRAIN, EndRequest.Reason.AGE);
        lease.complete(Outcome.success());
    }

    @Test
    void withoutALimitOrADrainThereIsNoTimer() {
        LoadBalancer balancer = builder().build();
        List<Lease> open = open(balancer, 10);
        time.advance(Duration.ofDays(1));
        assertThat(timers).isZero();
        Draining run = balancer.drain("a", Drain.softly(Duration.ofSeconds(1)).until(Duration.ofSeconds(2)));
        assertThat(timers).isEqualTo(2);
        run.cancel();
        time.advance(Duration.ofDays(1));
        assertThat(timers).isEqualTo(2);
        open.forEach(lease -> lease.complete(Outcome.success()));
    }

    @Test
    void aBalancerThatIsClosedLooksNoMore() {
        LoadBalancer balancer = builder().maxStreamAge(AGE).build();
        time.advance(Duration.ofSeconds(10));
        assertThat(timers).isEqualTo(11);
        balancer.close();
        time.advance(Duration.ofHours(1));
        assertThat(timers).isEqualTo(11);
    }

    @Test
    void aBalancerThatCouldNotBeBuiltLooksNever() {
        assertThatThrownBy(() -> builder()
                        .maxStreamAge(AGE)
                        .strategy(snapshot -> {
                            throw new IllegalStateException("never");
                        })
                        .build())
                .hasMessage("never");
        assertThat(timers).isZero();
    }

    @Test
    void anAgeThatIsNoneIsRefused() {
        assertThatThrownBy(() -> builder().maxStreamAge(Duration.ZERO))
                .hasMessage("maxStreamAge: PT0S (expected: > 0, at most 365 days)");
        assertThatThrownBy(() -> builder().maxStreamAge(AGE, Duration.ofSeconds(-1)))
                .hasMessage("grace: PT-1S (expected: 0 to 365 days)");
    }
}
