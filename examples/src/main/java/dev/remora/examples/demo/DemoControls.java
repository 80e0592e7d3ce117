package dev.remora.examples.demo;

import dev.remora.Drain;
import dev.remora.Draining;
import dev.remora.LoadBalancer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the buttons of the page do, the same for everybody who looks at it. Thread-safe. */
public final class DemoControls {

    private static final Drain PLAN = Drain.softly(Duration.ofSeconds(10)).until(Duration.ofSeconds(60));

    private final DemoBackends backends;
    private final LoadBalancer balancer;

    // Guarded by the monitor.
    private final Map<String, Draining> drains = new HashMap<>();

    public DemoControls(DemoBackends backends, LoadBalancer balancer) {
        this.backends = backends;
        this.balancer = balancer;
    }

    /** Does what a button says; nothing if there is no such back end or no such button. */
    Optional<CompletableFuture<Void>> press(String name, String button) {
        return backends.named(name).flatMap(backend -> switch (button) {
            case "stop" -> Optional.of(backend.stop());
            case "start" -> Optional.of(backend.start());
            case "drain" -> Optional.of(drain(name));
            case "undo" -> Optional.of(undo(name));
            default -> Optional.empty();
        });
    }

    boolean running(String name) {
        return backends.named(name).map(DemoBackend::running).orElse(false);
    }

    /** How far the drain of a back end has come, if one was ordered and not undone. */
    synchronized Optional<Draining.Phase> phase(String name) {
        return Optional.ofNullable(drains.get(name)).map(Draining::phase);
    }

    private synchronized CompletableFuture<Void> drain(String name) {
        drains.put(name, balancer.drain(name, PLAN));
        return CompletableFuture.completedFuture(null);
    }

    private synchronized CompletableFuture<Void> undo(String name) {
        Draining drain = drains.remove(name);
        if (drain != null) {
            drain.cancel();
        }
        return CompletableFuture.completedFuture(null);
    }
}
