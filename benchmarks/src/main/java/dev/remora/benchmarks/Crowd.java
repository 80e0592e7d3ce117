package dev.remora.benchmarks;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Many streams that have begun and are silent now. Closing it leaves all of them. */
final class Crowd implements AutoCloseable {

    private static final int AT_ONCE = 100;
    private static final long PATIENCE_SECONDS = 30;

    private final List<EventStream> streams = new ArrayList<>();

    /** Opens streams, not so many at once that a queue of connections would overflow; returns when all have begun. */
    Crowd(EventClient client, InetSocketAddress target, int size)
            throws InterruptedException, ExecutionException, TimeoutException {
        while (streams.size() < size) {
            List<EventStream> batch = new ArrayList<>();
            for (int i = Math.min(AT_ONCE, size - streams.size()); i > 0; i--) {
                batch.add(client.open(target, (event, arrivedNanos) -> {}));
            }
            streams.addAll(batch);
            CompletableFuture.allOf(batch.stream().map(EventStream::begun).toArray(CompletableFuture[]::new))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    int size() {
        return streams.size();
    }

    @Override
    public void close() {
        streams.forEach(EventStream::leave);
    }
}
