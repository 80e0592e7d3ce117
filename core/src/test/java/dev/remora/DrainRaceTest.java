package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Streams begin and end on threads of their own while they are asked to end, drains come and go. */
class DrainRaceTest {

    private static final int THREADS = 3;
    private static final Drain AT_ONCE = Drain.softly(Duration.ZERO).until(Duration.ZERO);

    private final Engine engine = new Engine(LoadBalancer.builder()
            .backends(
                    Backend.of("a", "http://127.0.0.1:9001"),
                    Backend.of("b", "http://127.0.0.1:9002"),
                    Backend.of("c", "http://127.0.0.1:9003")));
    private final LoadBalancer balancer = new LoadBalancer(engine);
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicLong opened = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();

    private void keepStreaming() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        List<Lease> mine = new ArrayList<>();
        while (!done.get()) {
            if (balancer.tryAcquire(FakeRequest.get("/")) instanceof Lease lease) {
                opened.incrementAndGet();
                lease.onEndRequested(request -> end(lease));
                mine.add(lease);
            }
            if (mine.size() > 20 || random.nextInt(3) == 0) {
                end(mine.remove(random.nextInt(mine.size())));
            }
        }
        mine.forEach(this::end);
    }

    private void end(Lease lease) {
        if (lease.complete(Outcome.cancelled())) {
            ended.incrementAndGet();
        }
    }

    @Test
    void everyStreamEndsOnceAndNothingIsLeft() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(executor.submit(this::keepStreaming));
            }
            for (int i = 0; i < 300; i++) {
                drainAndReturn(i % 3 == 0 ? "a" : "b");
            }
            done.set(true);
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            done.set(true);
            executor.shutdownNow();
        }
        assertThat(ended).hasValue(opened.get());
        assertThat(balancer.stats().backends()).allSatisfy(stats -> {
            assertThat(stats.openStreams()).isZero();
            assertThat(stats.load()).isZero();
        });
        AtomicInteger left = new AtomicInteger();
        engine.ends().openStreams().forEach(lease -> {
            left.incrementAndGet();
        });
        assertThat(left).hasValue(0);
        balancer.close();
    }

    private void drainAndReturn(String id) throws Exception {
        Draining run = balancer.drain(id, AT_ONCE);
        if (ThreadLocalRandom.current().nextInt(4) > 0) {
            run.empty().toCompletableFuture().get(20, TimeUnit.SECONDS);
            long picked = picked(id);
            for (int i = 0; i < 200; i++) {
                Thread.onSpinWait();
            }
            assertThat(picked(id)).as("zero was reported for good").isEqualTo(picked);
        }
        assertThat(run.cancel()).isTrue();
    }

    private long picked(String id) {
        return balancer.stats().backends().stream()
                .filter(stats -> stats.backend().id().value().equals(id))
                .findFirst()
                .orElseThrow()
                .picked();
    }
}
