package dev.remora.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens connections to back ends, on the event loop of the client that waits for it. Thread-safe. */
final class BackendConnector {

    private final HostResolver resolver = new HostResolver();
    private final Duration timeout;
    private final Limits limits;
    private final SslContext tls;

    BackendConnector(Duration timeout, Limits limits, SslContext tls) {
        this.timeout = timeout;
        this.limits = limits;
        this.tls = tls;
    }

    /**
     * Opens a connection. Look-up, connection and TLS handshake together have one timeout. All addresses of a name are
     * tried in turn. Cancelling gives up at once.
     */
    Future<BackendConnection> open(BackendKey key, Channel client, BackendPool pool) {
        return open(key, client, pool, last -> {});
    }

    /**
     * As {@link #open(BackendKey, Channel, BackendPool)}.
     *
     * @param over told, once, of the channel that is connected or the last that is being closed; of none if it did not
     *     come to that
     */
    Future<BackendConnection> open(BackendKey key, Channel client, BackendPool pool, Consumer<@Nullable Channel> over) {
        EventLoop loop = client.eventLoop();
        Opening opening = new Opening(key, client, pool, loop.newPromise());
        Future<?> deadline = loop.schedule(opening::tooLate, timeout.toNanos(), TimeUnit.NANOSECONDS);
        opening.promise.addListener(done -> {
            deadline.cancel(false);
            opening.discardUnlessConnected();
            over.accept(opening.channel);
        });
        resolver.resolve(key.host(), loop).addListener(opening::resolved);
        return opening.promise;
    }

    private final class Opening {
        private final BackendKey key;
        private final Channel client;
        private final BackendPool pool;
        private final Promise<BackendConnection> promise;
        private List<InetAddress> addresses = List.of();
        private int tried;
        private boolean repeated;
        private @Nullable Channel channel;

        Opening(BackendKey key, Channel client, BackendPool pool, Promise<BackendConnection> promise) {
            this.key = key;
            this.client = client;
            this.pool = pool;
            this.promise = promise;
        }

        void resolved(Future<? super List<InetAddress>> resolution) {
            if (resolution.isSuccess()) {
                @SuppressWarnings("unchecked")
                List<InetAddress> found = (List<InetAddress>) resolution.getNow();
                addresses = found;
                connect();
            } else {
                promise.tryFailure(resolution.cause());
            }
        }

        private void connect() {
            if (promise.isDone()) {
                return;
            }
            StrictResponseDecoder decoder = new StrictResponseDecoder(limits);
            BackendConnection connection = new BackendConnection(key, pool, decoder, limits);
            ChannelFuture connecting =
                    bootstrap(decoder, connection).connect(new InetSocketAddress(addresses.get(tried++), key.port()));
            channel = connecting.channel();
            connecting.addListener(done -> connected(connecting, connection));
        }

        private Bootstrap bootstrap(StrictResponseDecoder decoder, BackendConnection connection) {
            return new Bootstrap()
                    .group(client.eventLoop())
                    .channelFactory(Transport.clientChannels(client))
                    .resolver(NoopAddressResolverGroup.INSTANCE)
                    .option(ChannelOption.AUTO_READ, false)
                    // A failed write must not throw away the answer that was sent before.
                    .option(ChannelOption.AUTO_CLOSE, false)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.SO_KEEPALIVE, true)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                            Math.max(1, Math.min(timeout.toMillis(), Integer.MAX_VALUE)))
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel opened) {
                            if (key.secure()) {
                                opened.pipeline().addLast(tlsHandler(opened));
                            }
                            opened.pipeline().addLast(decoder, new HttpRequestEncoder(), connection);
                        }
                    });
        }

        private SslHandler tlsHandler(Channel opened) {
            SslHandler handler = tls.newHandler(opened.alloc(), key.host(), key.port());
            handler.setHandshakeTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return handler;
        }

        private void connected(ChannelFuture connecting, BackendConnection connection) {
            if (connecting.isSuccess()) {
                SslHandler handler = connecting.channel().pipeline().get(SslHandler.class);
                if (handler == null) {
                    promise.trySuccess(connection);
                } else {
                    handler.handshakeFuture().addListener(done -> agreed(done, connection));
                    connecting.channel().read();
                }
            } else if (isFreak(connecting.cause())) {
                repeated = true;
                tried--;
                connect();
            } else if (tried < addresses.size()) {
                connect();
            } else {
                promise.tryFailure(connecting.cause());
            }
        }

        // Closed before it was connected, and by nobody here: that says nothing of the address. Seen with epoll when
        // clients leave in crowds.
        private boolean isFreak(Throwable cause) {
            return cause instanceof ClosedChannelException && !repeated && !promise.isDone();
        }

        private void agreed(Future<?> handshake, BackendConnection connection) {
            if (handshake.isSuccess()) {
                promise.trySuccess(connection);
            } else {
                promise.tryFailure(handshake.cause());
            }
        }

        void tooLate() {
            promise.tryFailure(new ConnectTimeoutException("not connected within " + timeout));
        }

        void discardUnlessConnected() {
            if (!promise.isSuccess() && channel != null) {
                channel.close();
            }
        }
    }
}
