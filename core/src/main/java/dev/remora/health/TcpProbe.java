package dev.remora.health;

import dev.remora.pool.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Connects and hangs up, without a thread that waits. */
record TcpProbe(Timing timing) implements HealthProbe {

    @Override
    public Prober prober(Executor executor) {
        return backend -> ask(backend, executor);
    }

    @Override
    public HealthProbe with(Timing newTiming) {
        return new TcpProbe(newTiming);
    }

    // Looking up the name may block, so it is the executor's; the connect itself is asynchronous.
    private static CompletableFuture<Boolean> ask(Backend backend, Executor executor) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        executor.execute(() -> connect(backend, answer));
        return answer;
    }

    private static void connect(Backend backend, CompletableFuture<Boolean> answer) {
        try {
            AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
            CompletableFuture<Boolean> unused = answer.whenComplete((passed, failure) -> close(channel));
            channel.connect(new InetSocketAddress(backend.host(), backend.port()), answer, new Connected());
        } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private static void close(AsynchronousSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Connected implements CompletionHandler<Void, CompletableFuture<Boolean>> {
        @Override
        public void completed(Void nothing, CompletableFuture<Boolean> answer) {
            answer.complete(true);
        }

        @Override
        public void failed(Throwable failure, CompletableFuture<Boolean> answer) {
            answer.completeExceptionally(failure);
        }
    }
}
