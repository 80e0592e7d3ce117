package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Threads that wait, leave and free places at once. No time passes, so nothing but a wake-up can end a wait. */
class WaitingRaceTest {

    private static final int THREADS = 6;
    private static final int ROUNDS = 4_000;

    private final FakeTime noTime = new FakeTime();
    private final MutableBackends backends =
            BackendSource.mutable(backend("a").withMaxStreams(1), backend("b").withMaxStreams(2));

    private static Backend backend(String id) {
        return Backend.of(id, "http://127.0.0.1:9001");
    }

    private LoadBalancer balancer(LoadLimits limits) {
        return LoadBalancer.builder()
                .backends(backends)
                .clock(noTime)
                .scheduler(noTime)
                .limits(limits)
                .waiting(Waiting.upTo(100, 100).atMost(Duration.ofHours(1)))
                .build();
    }

    private static void inParallel(Callable<Void> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(executor.submit(work));
            }
            for (Future<Void> each : running) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static CompletableFuture<Pick> ask(LoadBalancer balancer) {
        return balancer.acquire(FakeRequest.get("/")).toCompletableFuture();
    }

    private static Lease await(CompletableFuture<Pick> pick) throws Exception {
        return (Lease) pick.get(30, TimeUnit.SECONDS);
    }

    private static void assertEmpty(LoadBalancer balancer) {
        assertThat(balancer.stats().waiting()).isZero();
        assertThat(balancer.stats().backends()).allSatisfy(node -> {
            assertThat(node.openStreams()).isZero();
            assertThat(node.waitingStreams()).isZero();
            assertThat(node.load()).isZero();
        });
    }

    @Test
    void everybodyGetsAPlaceAndTheCapsHold() throws Exception {
        LoadBalancer balancer = balancer(LoadLimits.none().withStreams(2).withPending(1));
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        inParallel(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                Lease lease = await(ask(balancer));
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                lease.responseStarted(new FakeResponse(200));
                inside.decrementAndGet();
                lease.complete(Outcome.success());
            }
            return null;
        });
        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertEmpty(balancer);
    }

    @Test
    void whoLeavesAtAnyMomentTakesNothingAlong() throws Exception {
        LoadBalancer balancer = balancer(LoadLimits.none().withStreams(2));
        inParallel(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                CompletableFuture<Pick> pick = ask(balancer);
                if (ThreadLocalRandom.current().nextBoolean() && pick.cancel(false)) {
                    continue;
                }
                await(pick).complete(Outcome.success());
            }
            return null;
        });
        assertEmpty(balancer);
    }

    @Test
    void aChangingMembershipLosesNobody() throws Exception {
        LoadBalancer balancer = balancer(LoadLimits.none());
        AtomicBoolean done = new AtomicBoolean();
        Thread changer = new Thread(() -> {
            while (!done.get()) {
                backends.remove("a");
                backends.drain("b");
                backends.add(backend("a").withMaxStreams(1));
                backends.resume("b");
            }
        });
        changer.start();
        try {
            inParallel(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    Pick pick = ask(balancer).get(30, TimeUnit.SECONDS);
                    // While one member is away and the other drains there is nothing to wait for.
                    if (pick instanceof Lease lease) {
                        lease.complete(Outcome.success());
                    }
                }
                return null;
            });
        } finally {
            done.set(true);
            changer.join();
        }
        assertEmpty(balancer);
    }
}
