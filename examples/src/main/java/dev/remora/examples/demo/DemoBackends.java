package dev.remora.examples.demo;

import dev.remora.pool.Backend;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/** The three back ends of a demo: a, b and c, alike but for their words. */
public final class DemoBackends implements AutoCloseable {

    private final List<DemoBackend> backends;

    private DemoBackends(List<DemoBackend> backends) {
        this.backends = backends;
    }

    /** Starts all three, and returns when they listen. */
    public static DemoBackends start(Pace pace, long seed) throws IOException {
        var backends = new DemoBackends(Stream.of("a", "b", "c")
                .map(name -> new DemoBackend(name, pace, seed + name.charAt(0)))
                .toList());
        try {
            backends.all().forEach(backend -> backend.start().join());
            return backends;
        } catch (CompletionException e) {
            backends.close();
            throw new IOException("demo back ends cannot listen on 127.0.0.1", e);
        }
    }

    /** No back ends: what a gateway in front of real ones has of its own. */
    public static DemoBackends none() {
        return new DemoBackends(List.of());
    }

    /** The back ends as a balancer wants to know them. */
    public List<Backend> members() {
        return backends.stream()
                .map(backend -> Backend.of(backend.name(), backend.uri().toString()))
                .toList();
    }

    public List<DemoBackend> all() {
        return backends;
    }

    Optional<DemoBackend> named(String name) {
        return backends.stream().filter(backend -> backend.name().equals(name)).findFirst();
    }

    @Override
    public void close() {
        backends.forEach(DemoBackend::close);
    }
}
