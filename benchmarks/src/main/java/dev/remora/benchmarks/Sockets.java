package dev.remora.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One event loop, and the sockets that live on it: the client's or the back end's side of a measurement. */
final class Sockets implements AutoCloseable {

    private static final long CLOSE_SECONDS = 10;

    private final EventLoopGroup loop;
    // They are closed before the loop ends: one that ends at once may leave its channels open (Netty 4.2.18).
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    /**
     * Starts the loop.
     *
     * @param name of its thread
     */
    Sockets(String name) {
        IoHandlerFactory handlers = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        loop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name), handlers);
    }

    /** Listens on a free port of 127.0.0.1; each connection gets new handlers. */
    InetSocketAddress listen(Supplier<List<ChannelHandler>> handlers) {
        Channel listener = new ServerBootstrap()
                .group(loop)
                .channelFactory(servers())
                .childHandler(initializer(handlers))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        open.add(listener);
        return (InetSocketAddress) listener.localAddress();
    }

    /** Connects; returns at once. */
    ChannelFuture connect(InetSocketAddress target, ChannelHandler... handlers) {
        return new Bootstrap()
                .group(loop)
                .channelFactory(clients())
                .handler(initializer(() -> List.of(handlers)))
                .connect(target);
    }

    private ChannelHandler initializer(Supplier<List<ChannelHandler>> handlers) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                open.add(channel);
                channel.pipeline().addLast(handlers.get().toArray(ChannelHandler[]::new));
            }
        };
    }

    private static ChannelFactory<ServerChannel> servers() {
        return Epoll.isAvailable() ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
    }

    private static ChannelFactory<Channel> clients() {
        return Epoll.isAvailable() ? EpollSocketChannel::new : NioSocketChannel::new;
    }

    /** Closes every socket and waits for the end of the thread. */
    @Override
    public void close() {
        open.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        boolean ended = loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            throw new IllegalStateException("event loop: still running after " + CLOSE_SECONDS + " s");
        }
    }
}
