package dev.remora.examples.demo;

import dev.remora.Drain;
import dev.remora.Draining;
import dev.remora.LoadBalancer;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What the buttons of the page do, the same for everybody who looks at it, and at every gateway. Thread-safe. */
public final class DemoControls {

    private static final Drain PLAN = Drain.softly(Duration.ofSeconds(10)).until(Duration.ofSeconds(60));

    private final DemoBackends backends;
    private final Supplier<List<LoadBalancer>> balancers;

    // Guarded by the monitor.
    private final Map<String, List<Draining>> drains = new HashMap<>();

    /** @param balancers of all gateways, asked when a button is pressed */
    public DemoControls(DemoBackends backends, Supplier<List<LoadBalancer>> balancers) {
        this.backends = backends;
        this.balancers = balancers;
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

    /** How far the drain of a back end has come, where it is least far, if one was ordered and not undone. */
    synchronized Optional<Draining.Phase> phase(String name) {
        return drains.getOrDefault(name, List.of()).stream()
                .map(Draining::phase)
                .min(Comparator.naturalOrder());
    }

    private synchronized CompletableFuture<Void> drain(String name) {
        drains.put(
                name,
                balancers.get().stream()
                        .map(balancer -> balancer.drain(name, PLAN))
                        .toList());
        return CompletableFuture.completedFuture(null);
    }

    private synchronized CompletableFuture<Void> undo(String name) {
        List<Draining> ordered = drains.remove(name);
        if (ordered != null) {
            ordered.forEach(Draining::cancel);
        }
        return CompletableFuture.completedFuture(null);
    }
}
