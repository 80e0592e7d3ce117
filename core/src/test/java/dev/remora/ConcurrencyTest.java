package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.session.SessionMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {

    private static final int THREADS = 4;

    private static void inParallel(int threads, Callable<Void> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(executor.submit(work));
            }
            for (Future<Void> each : running) {
                each.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void countersReturnToZeroWhileTheMembershipChanges() throws Exception {
        MutableBackends backends = BackendSource.mutable(IntStream.range(0, 5)
                .mapToObj(i ->
                        Backend.of("n" + i, "http://127.0.0.1:" + (9000 + i)).withMaxStreams(3))
                .toArray(Backend[]::new));
        LoadBalancer balancer = LoadBalancer.builder().backends(backends).build();
        AtomicBoolean done = new AtomicBoolean();
        Thread changer = new Thread(() -> {
            while (!done.get()) {
                backends.remove("n1");
                backends.drain("n2");
                backends.add(Backend.of("n1", "http://127.0.0.1:9001").withMaxStreams(3));
                backends.reweigh("n3", 1 + ThreadLocalRandom.current().nextInt(9));
                backends.resume("n2");
            }
        });
        changer.start();
        try {
            inParallel(THREADS, () -> {
                ThreadLocalRandom random = ThreadLocalRandom.current();
                for (int i = 0; i < 20_000; i++) {
                    if (balancer.tryAcquire(FakeRequest.get("/")) instanceof Lease lease) {
                        lease.cost(random.nextInt(4));
                        lease.responseStarted(new FakeResponse(200));
                        if (random.nextInt(8) == 0
                                && lease.retry(Outcome.failure(FailureKind.CONNECT)) instanceof Lease next) {
                            next.complete(Outcome.success());
                        }
                        lease.complete(Outcome.success());
                    }
                }
                return null;
            });
        } finally {
            done.set(true);
            changer.join();
        }
        // The last changes may still be on their way.
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (balancer.stats().backends().size() < 5) {
            assertThat(System.nanoTime() - giveUp).as("the last list arrives").isNegative();
            Thread.onSpinWait();
        }
        assertThat(balancer.stats().backends()).hasSize(5).allSatisfy(stats -> {
            assertThat(stats.openStreams()).isZero();
            assertThat(stats.waitingStreams()).isZero();
            assertThat(stats.load()).isZero();
        });
    }

    @Test
    void theCapIsNeverExceeded() throws Exception {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001").withMaxStreams(2))
                .build();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        inParallel(THREADS, () -> {
            for (int i = 0; i < 50_000; i++) {
                if (balancer.tryAcquire(FakeRequest.get("/")) instanceof Lease lease) {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    inside.decrementAndGet();
                    lease.complete(Outcome.success());
                }
            }
            return null;
        });
        assertThat(most.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void racingCompletionsCostsAndResponsesCountOnce() throws Exception {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001"))
                .build();
        int rounds = 5_000;
        Lease[] shared = new Lease[1];
        AtomicInteger ended = new AtomicInteger();
        CyclicBarrier start =
                new CyclicBarrier(THREADS, () -> shared[0] = (Lease) balancer.tryAcquire(FakeRequest.get("/")));
        CyclicBarrier finish = new CyclicBarrier(THREADS);
        AtomicInteger numbers = new AtomicInteger();
        inParallel(THREADS, () -> {
            int me = numbers.getAndIncrement();
            for (int i = 0; i < rounds; i++) {
                start.await();
                Lease lease = shared[0];
                if (me == 0) {
                    lease.responseStarted(new FakeResponse(200));
                } else if (me == 1) {
                    lease.cost(i % 7);
                }
                ended.addAndGet(lease.complete(Outcome.success()) ? 1 : 0);
                finish.await();
            }
            return null;
        });
        BalancerStats.BackendStats stats = balancer.stats().backends().get(0);
        assertThat(ended.get()).isEqualTo(rounds);
        assertThat(stats.succeeded()).isEqualTo(rounds);
        assertThat(stats.openStreams()).isZero();
        assertThat(stats.waitingStreams()).isZero();
        assertThat(stats.load()).isZero();
    }

    @Test
    void thePictureIsConsistentWhileTrafficRuns() throws Exception {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(Backend.of("a", "http://127.0.0.1:9001"), Backend.of("b", "http://127.0.0.1:9002"))
                .build();
        AtomicInteger workers = new AtomicInteger();
        inParallel(THREADS, () -> {
            boolean watches = workers.getAndIncrement() == 0;
            for (int i = 0; i < 20_000; i++) {
                if (watches) {
                    for (BalancerStats.BackendStats stats : balancer.stats().backends()) {
                        assertThat(stats.openStreams()).isBetween(0L, THREADS * 2L);
                        assertThat(stats.waitingStreams()).isBetween(0L, stats.openStreams());
                    }
                } else if (balancer.tryAcquire(FakeRequest.get("/")) instanceof Lease lease) {
                    lease.complete(Outcome.success());
                }
            }
            return null;
        });
        assertThat(balancer.stats().openStreams()).isZero();
    }

    @Test
    void racingFirstRequestsOfASessionAllGetTheSameBackEnd() throws Exception {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(IntStream.range(0, 8)
                        .mapToObj(i -> Backend.of("n" + i, "http://127.0.0.1:" + (9000 + i)))
                        .toArray(Backend[]::new))
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(SessionMap.local(10_000, Duration.ofMinutes(5)))
                .build();
        Map<Integer, Set<Backend>> seen = new ConcurrentHashMap<>();
        inParallel(THREADS, () -> {
            for (int session = 0; session < 2_000; session++) {
                FakeRequest request = FakeRequest.get("/").header("X-Session-Id", "s" + session);
                Lease lease = (Lease)
                        (session % 2 == 0
                                ? balancer.tryAcquire(request)
                                : balancer.acquire(request)
                                        .toCompletableFuture()
                                        .get());
                seen.computeIfAbsent(session, s -> ConcurrentHashMap.newKeySet())
                        .add(lease.backend());
                lease.complete(Outcome.success());
            }
            return null;
        });
        assertThat(seen)
                .hasSize(2_000)
                .allSatisfy((session, served) -> assertThat(served).hasSize(1));
        assertThat(balancer.stats().openStreams()).isZero();
    }
}
