package dev.remora.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.Outcome;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeyedStreamsGuardTest {

    private static final int THREADS = 8;
    private static final int MAX = 3;

    private final Guard guard = Guard.openStreams(LimitKey.everybody(), MAX);

    private Optional<Permit> ask() {
        Visitor visitor = Visitor.from(new ClientOrigin(InetAddress.getLoopbackAddress(), false), false);
        return guard.admit(FakeRequest.get("/"), visitor) instanceof Admission.Admitted admitted
                ? admitted.permit()
                : Optional.empty();
    }

    @Test
    void ofThoseThatAskAtOnceExactlySoManyEnter() throws Exception {
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<List<Boolean>> admitted = run(() -> {
            List<Boolean> mine = new ArrayList<>();
            for (int round = 0; round < 2_000; round++) {
                together.await();
                Optional<Permit> permit = ask();
                together.await();
                permit.ifPresent(held -> held.ended(Outcome.success()));
                mine.add(permit.isPresent());
            }
            return mine;
        });
        for (int round = 0; round < 2_000; round++) {
            int now = round;
            assertThat(admitted.stream().filter(mine -> mine.get(now))).hasSize(MAX);
        }
    }

    @Test
    void neverAreMoreInsideAndInTheEndNobodyIs() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        List<Integer> most = run(() -> {
            int highest = 0;
            for (int i = 0; i < 50_000; i++) {
                Optional<Permit> permit = ask();
                if (permit.isPresent()) {
                    highest = Math.max(highest, inside.incrementAndGet());
                    inside.decrementAndGet();
                    permit.get().ended(Outcome.success());
                }
            }
            return highest;
        });
        assertThat(most).allMatch(highest -> highest <= MAX);
        for (int i = 0; i < MAX; i++) {
            assertThat(ask()).isPresent();
        }
        assertThat(ask()).isEmpty();
    }

    private static <T> List<T> run(Callable<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(pool.submit(task));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void nobodyIsNoMost() {
        assertThatThrownBy(() -> Guard.openStreams(LimitKey.everybody(), 0))
                .hasMessage("openStreams: 0 (expected: >= 1)");
    }
}
