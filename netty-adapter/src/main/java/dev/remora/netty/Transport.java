package dev.remora.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * How sockets are waited for: by native epoll where its classes and its library are present, otherwise by the JDK's
 * selector.
 */
enum Transport {
    /** Linux, with netty-transport-native-epoll on the path. */
    EPOLL,
    /** Everywhere. */
    NIO;

    /** The best one that is present. */
    static Transport best() {
        try {
            return Native.isAvailable() ? EPOLL : NIO;
        } catch (LinkageError e) {
            return NIO;
        }
    }

    EventLoopGroup loops(int threads) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("remora-gateway"), ioHandlers());
    }

    IoHandlerFactory ioHandlers() {
        return this == EPOLL ? Native.ioHandlers() : NioIoHandler.newFactory();
    }

    ChannelFactory<? extends ServerChannel> serverChannels() {
        return this == EPOLL ? Native.serverChannels() : NioServerSocketChannel::new;
    }

    /** Channels that can live on the event loop of another one. */
    static ChannelFactory<? extends Channel> clientChannels(Channel neighbour) {
        return neighbour instanceof NioSocketChannel || best() == NIO || !Native.isNative(neighbour)
                ? NioSocketChannel::new
                : Native.clientChannels();
    }

    // A class of its own: it is not loaded where the optional dependency is absent.
    private static final class Native {
        static boolean isAvailable() {
            return Epoll.isAvailable();
        }

        static IoHandlerFactory ioHandlers() {
            return LastingEpollHandler.newFactory();
        }

        static ChannelFactory<? extends ServerChannel> serverChannels() {
            return EpollServerSocketChannel::new;
        }

        static boolean isNative(Channel channel) {
            return channel instanceof EpollSocketChannel;
        }

        static ChannelFactory<? extends Channel> clientChannels() {
            return EpollSocketChannel::new;
        }
    }
}
