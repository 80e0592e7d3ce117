package dev.remora.health;

import dev.remora.pool.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.function.BiConsumer;

/**
 * Connects, and does with the connection what a probe wants, without a thread that waits: one thread of its own serves all
 * connections. Whoever completes the answer, a timeout too, closes the connection by that.
 */
final class SocketProber implements HealthProbe.Prober {

    private static final ThreadFactory DAEMON = task -> {
        Thread thread = new Thread(task, "remora-probe-io");
        thread.setDaemon(true);
        return thread;
    };

    private final AsynchronousChannelGroup group;
    private final OptionalInt ownPort;
    private final BiConsumer<AsynchronousSocketChannel, CompletableFuture<ProbeAnswer>> connected;

    SocketProber(OptionalInt ownPort, BiConsumer<AsynchronousSocketChannel, CompletableFuture<ProbeAnswer>> connected) {
        this.ownPort = ownPort;
        this.connected = connected;
        try {
            this.group = AsynchronousChannelGroup.withFixedThreadPool(1, DAEMON);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Looking up the name may block, which is the caller's: it has a thread for that.
    @Override
    public CompletableFuture<ProbeAnswer> probe(Backend backend) {
        CompletableFuture<ProbeAnswer> answer = new CompletableFuture<>();
        try {
            InetSocketAddress address = address(backend);
            AsynchronousSocketChannel channel = AsynchronousSocketChannel.open(group);
            CompletableFuture<ProbeAnswer> unused = answer.whenComplete((passed, failure) -> close(channel));
            channel.connect(address, answer, new Connected(channel));
        } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    @Override
    public void close() {
        try {
            group.shutdownNow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private InetSocketAddress address(Backend backend) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(backend.host()), ownPort.orElse(backend.port()));
    }

    private static void close(AsynchronousSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Connected implements CompletionHandler<Void, CompletableFuture<ProbeAnswer>> {

        private final AsynchronousSocketChannel channel;

        Connected(AsynchronousSocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void completed(Void nothing, CompletableFuture<ProbeAnswer> answer) {
            try {
                connected.accept(channel, answer);
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }

        @Override
        public void failed(Throwable failure, CompletableFuture<ProbeAnswer> answer) {
            answer.completeExceptionally(failure);
        }
    }
}
