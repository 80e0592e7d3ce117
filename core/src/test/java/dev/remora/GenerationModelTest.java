package dev.remora;

import static dev.remora.Model.require;

import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.strategy.Strategy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * However lists are pushed while requests are placed: no request pairs the members of one version with the picker of
 * another, and the newest list is in force in the end.
 */
final class GenerationModelTest {

    private static final BackendId A = new BackendId("a");

    @Test
    void picksAreMadeFromOneVersion() {
        // A balancer is too much to walk through: the calls meet by chance.
        Model.stress(Pool.class);
    }

    public static final class Pool {

        // The strategy below wants "a" wherever it stands. By the picker of another list it would get another one.
        private static final List<List<Backend>> LISTS =
                List.of(list("a", "b"), list("b", "a"), list("c", "b", "a"), list("b", "c"));
        private static final Strategy ALWAYS_A = snapshot -> {
            int index = snapshot.indexOf(A);
            return context -> index;
        };

        private final AtomicReference<Consumer<List<Backend>>> source = new AtomicReference<>();
        private final Map<Integer, List<Backend>> lastOfThread = new ConcurrentHashMap<>();
        private final AtomicLong version = new AtomicLong();
        private final Engine engine;
        private volatile boolean versionsInOrder = true;

        public Pool() {
            engine = new Engine(LoadBalancer.builder()
                    .backends(receiver -> {
                        source.set(receiver);
                        receiver.accept(LISTS.get(0));
                        return () -> {};
                    })
                    .strategy(ALWAYS_A)
                    .listener(new Versions())
                    .scheduler(new FakeTime()));
        }

        @Operation
        public void push(
                @Param(gen = IntGen.class, conf = "0:3") int list, @Param(gen = ThreadIdGen.class) int thread) {
            lastOfThread.put(thread, LISTS.get(list));
            source.get().accept(LISTS.get(list));
        }

        @Operation
        public void pick() {
            if (engine.tryAcquire(FakeRequest.get("/")) instanceof Lease lease) {
                require(lease.backend().id().equals(A), "the pick is the picker's choice");
                lease.complete(Outcome.success());
            }
        }

        @Validate
        public void theNewestListIsInForce() {
            List<Backend> present = engine.stats().backends().stream()
                    .map(BalancerStats.BackendStats::backend)
                    .toList();
            boolean newest = lastOfThread.isEmpty() || lastOfThread.containsValue(present);
            require(newest, "the newest list is in force");
            require(versionsInOrder, "versions rise one by one");
            require(engine.stats().openStreams() == 0, "no stream is left");
        }

        private final class Versions implements BalancerListener {

            @Override
            public void membershipChanged(long newVersion, int size) {
                versionsInOrder &= version.compareAndSet(newVersion - 1, newVersion);
            }
        }

        private static List<Backend> list(String... names) {
            return Stream.of(names)
                    .map(name -> Backend.of(name, "http://127.0.0.1:9001"))
                    .toList();
        }
    }
}
