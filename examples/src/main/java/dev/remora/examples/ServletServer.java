package dev.remora.examples;

import dev.remora.Drain;
import dev.remora.LoadBalancer;
import dev.remora.examples.container.Container;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A container with the proxy in it. */
final class ServletServer implements FrontServer {

    // Goodbyes are spread over so much of the patience: the rest is for those that take their time.
    private static final double SPREAD = 0.8;
    // After the last goodbye: the time that its bytes may take to leave.
    private static final Duration LAST_BYTES = Duration.ofSeconds(6);

    private final Container container;
    private final LoadBalancer balancer;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    ServletServer(Container container, LoadBalancer balancer) {
        this.container = container;
        this.balancer = balancer;
    }

    @Override
    public int port() {
        return container.port();
    }

    @Override
    public CompletionStage<Void> stop(Duration patience) {
        container.stopListening();
        Duration spread = Duration.ofMillis((long) (patience.toMillis() * SPREAD));
        balancer.shutdown(Drain.softly(Duration.ZERO).until(patience).spread(spread))
                .empty()
                .thenCompose(nothing -> container.whenIdle())
                .toCompletableFuture()
                .completeOnTimeout(null, patience.plus(LAST_BYTES).toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(this::close);
        return stopped.minimalCompletionStage();
    }

    // On a thread of its own: a container waits for those that brought us here.
    private void close() {
        if (closing.compareAndSet(false, true)) {
            new Thread(
                            () -> {
                                container.close();
                                stopped.complete(null);
                            },
                            "container-stop")
                    .start();
        }
    }
}
