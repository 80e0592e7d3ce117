package dev.remora.examples.demo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A chat server that has no model: it speaks the OpenAI protocol on 127.0.0.1, at the pace of a model, and remembers its
 * conversations in memory only, as a real one remembers their key-value cache.
 *
 * <p>{@link #stop} is what SIGKILL is to a process: the listener and all connections close at once, in the middle of an
 * answer, and the memory is lost. {@link #start} brings it back on the same port. One event loop serves everything; both
 * methods may be called by any thread and never block.
 */
public final class DemoBackend implements AutoCloseable {

    private static final int RESERVATION_ATTEMPTS = 1_000;

    private final String name;
    private final Pace pace;
    private final long seed;
    private final EventLoopGroup group;
    private final EventLoop loop;
    private final ChannelGroup connections;

    // Written by the event loop only.
    private volatile @Nullable Channel listener;
    private volatile int port;
    private @Nullable PortReservation reservation;
    private CompletableFuture<Void> lastStep = CompletableFuture.completedFuture(null);

    /**
     * A back end that is not started yet.
     *
     * @param name what it calls itself, in its answers and in the header {@code X-Demo-Backend}
     * @param seed fixes the words and the gaps of its answers: the n-th answer after a start is always the same
     */
    public DemoBackend(String name, Pace pace, long seed) {
        this.name = name;
        this.pace = pace;
        this.seed = seed;
        this.group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("demo-" + name, true), NioIoHandler.newFactory());
        this.loop = group.next();
        this.connections = new DefaultChannelGroup(loop);
    }

    public String name() {
        return name;
    }

    public boolean running() {
        return listener != null;
    }

    /** Its base address. Fails before the first {@link #start} is complete. */
    public URI uri() {
        if (port == 0) {
            throw new IllegalStateException("back end " + name + " was never started");
        }
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Listens; completes when connections are accepted. A running back end stays as it is. */
    public CompletableFuture<Void> start() {
        return inTurn(() -> listener != null ? CompletableFuture.completedFuture(null) : bind());
    }

    /** Drops dead: completes when the listener and all connections are closed. A stopped back end stays as it is. */
    public CompletableFuture<Void> stop() {
        return inTurn(() -> listener == null ? CompletableFuture.completedFuture(null) : kill(listener));
    }

    /** Stops, and gives the thread and the port back. It cannot be started again. */
    @Override
    public void close() {
        if (!group.isShuttingDown()) {
            stop().thenRun(() -> {
                release();
                group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            });
        }
    }

    /** Takes a step on the event loop when the step before it is complete, so that start and stop never overlap. */
    private CompletableFuture<Void> inTurn(Supplier<CompletableFuture<Void>> step) {
        var taken = new CompletableFuture<Void>();
        // The next step is chained behind the news of this one: whoever waits for it hears of both in their order.
        loop.execute(() -> lastStep = lastStep.exceptionally(earlier -> null)
                .thenCompose(done -> step.get())
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        taken.complete(null);
                    } else {
                        taken.completeExceptionally(failure);
                    }
                }));
        return taken;
    }

    private CompletableFuture<Void> bind() {
        release();
        var started = new CompletableFuture<Void>();
        var memory = new Conversations();
        new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new BackendPipeline(name, pace, seed, memory, connections))
                .bind(InetAddress.getLoopbackAddress(), port)
                .addListener((ChannelFuture bound) -> {
                    if (!bound.isSuccess()) {
                        started.completeExceptionally(bound.cause());
                        return;
                    }
                    port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
                    listener = bound.channel();
                    started.complete(null);
                });
        return started;
    }

    private CompletableFuture<Void> kill(Channel running) {
        var killed = new CompletableFuture<Void>();
        listener = null;
        running.close();
        connections.close().addListener(closed -> reserve(killed, RESERVATION_ATTEMPTS));
        return killed;
    }

    // A selector lets go of a closed listener in its next turn only: until then the port cannot be taken over.
    private void reserve(CompletableFuture<Void> killed, int attempts) {
        reservation = PortReservation.tryHold(port);
        if (reservation != null || attempts == 0) {
            killed.complete(null);
        } else {
            loop.schedule(() -> reserve(killed, attempts - 1), 1, TimeUnit.MILLISECONDS);
        }
    }

    private void release() {
        if (reservation != null) {
            reservation.close();
            reservation = null;
        }
    }
}
