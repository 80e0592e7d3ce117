package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.strategy.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Four threads pick while lists come in bursts and generations are made on a thread of their own. */
class MembershipRaceTest {

    private static final int THREADS = 4;
    private static final int BURSTS = 200;
    private static final BackendId A = new BackendId("a");
    private static final List<List<Backend>> LISTS = List.of(list("a", "b"), list("b", "a"), list("c", "b", "a"));

    private final AtomicReference<Consumer<List<Backend>>> source = new AtomicReference<>();
    private final AtomicBoolean done = new AtomicBoolean();

    // It wants "a" wherever it stands. By the picker of another list a request would get another one.
    private final LoadBalancer balancer = LoadBalancer.builder()
            .backends(receiver -> {
                source.set(receiver);
                receiver.accept(LISTS.get(0));
                return () -> {};
            })
            .strategy(alwaysA())
            .build();

    private static Strategy alwaysA() {
        return snapshot -> {
            int index = snapshot.indexOf(A);
            return context -> index;
        };
    }

    private static List<Backend> list(String... names) {
        return Stream.of(names)
                .map(name -> Backend.of(name, "http://127.0.0.1:9001"))
                .toList();
    }

    @Test
    void picksAreMadeFromOneVersionAndTheLastListOfABurstIsInForce() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> pickers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                pickers.add(executor.submit(this::pickUntilDone));
            }
            for (int burst = 0; burst < BURSTS; burst++) {
                push(burst);
            }
            done.set(true);
            for (Future<?> picker : pickers) {
                picker.get();
            }
        } finally {
            done.set(true);
            executor.shutdownNow();
            balancer.close();
        }
        assertThat(balancer.stats().backends()).allSatisfy(stats -> {
            assertThat(stats.openStreams()).isZero();
            assertThat(stats.load()).isZero();
        });
    }

    private void pickUntilDone() {
        while (!done.get()) {
            Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
            assertThat(lease.backend().id()).isEqualTo(A);
            lease.complete(Outcome.success());
        }
    }

    private void push(int burst) {
        List<Backend> last = List.of();
        for (int i = 0; i < LISTS.size(); i++) {
            last = LISTS.get((burst + i) % LISTS.size());
            source.get().accept(last);
        }
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!inForce().equals(last)) {
            assertThat(System.nanoTime() - giveUp)
                    .as("the last list is in force")
                    .isNegative();
            Thread.onSpinWait();
        }
    }

    private List<Backend> inForce() {
        return balancer.stats().backends().stream()
                .map(BalancerStats.BackendStats::backend)
                .toList();
    }
}
