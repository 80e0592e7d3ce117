package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.examples.demo.DemoBackends;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Gateways that serve together, with all that belongs to them. Thread-safe. */
final class RunningGateways implements AutoCloseable {

    private final DemoBackends demo;
    private final ClientStore store;
    private final List<RunningGateway> gateways = new CopyOnWriteArrayList<>();
    private final Deque<Runnable> belongings = new ConcurrentLinkedDeque<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * No gateway so far.
     *
     * @param demo closed with the gateways
     * @param store likewise
     */
    RunningGateways(DemoBackends demo, ClientStore store) {
        this.demo = demo;
        this.store = store;
        closeLater(demo::close);
        closeLater(store::close);
    }

    /** What is closed when all gateways have stopped, before what was named before it. */
    void closeLater(Runnable close) {
        belongings.addFirst(close);
    }

    void add(RunningGateway gateway) {
        gateways.add(gateway);
    }

    List<RunningGateway> all() {
        return List.copyOf(gateways);
    }

    RunningGateway first() {
        return gateways.get(0);
    }

    List<LoadBalancer> balancers() {
        return gateways.stream().map(RunningGateway::balancer).toList();
    }

    DemoBackends demo() {
        return demo;
    }

    /** Whether it has the back ends of the demo. */
    boolean isDemo() {
        return !demo.all().isEmpty();
    }

    ClientStore store() {
        return store;
    }

    /** Serves for the grace as before, unless it is stopped meanwhile, then stops; returns when all is over. */
    void stop(Duration grace, Duration patience) {
        try {
            stopping.await(grace.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stop(patience);
    }

    /** Stops all of them at once and gracefully; returns when all is over. */
    void stop(Duration patience) {
        stopping.countDown();
        List<CompletionStage<Void>> ends = gateways.stream()
                .map(gateway -> gateway.server().stop(patience))
                .toList();
        ends.forEach(end -> end.toCompletableFuture().join());
        belongings.forEach(Runnable::run);
        stopped.countDown();
    }

    void awaitStop() throws InterruptedException {
        stopped.await();
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
