package dev.remora.netty;

import dev.remora.LoadBalancer;
import dev.remora.exchange.RequestView;
import dev.remora.http.Timeouts;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ready gateway: a listening server whose connections are relayed to the back ends of a balancer.
 *
 * <pre>{@code
 * GatewayServer gateway = GatewayServer.builder(balancer).port(8080).start();
 * ...
 * gateway.stop(Duration.ofSeconds(30));
 * }</pre>
 *
 * <p>It runs from {@link Builder#start()} until {@link #stop}. Thread-safe.
 */
public final class GatewayServer {

    private static final Logger log = LoggerFactory.getLogger(GatewayServer.class);

    private final ReverseProxy proxy;
    private final ClientChannels clients;
    private final Channel listener;
    private final GracefulStop stop;

    private GatewayServer(Builder builder) {
        Optional<SslContext> tls = builder.tls.map(FrontTls::build);
        proxy = builder.proxy.build();
        clients = new ClientChannels();
        Transport transport = Transport.best();
        EventLoopGroup loops = builder.loops.apply(builder.eventLoopThreads);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channelFactory(transport.serverChannels())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(initializer(builder, tls))
                .bind(builder.host, builder.port)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully();
            throw new IllegalStateException(
                    "cannot listen on " + builder.host + ":" + builder.port + ": " + reason(bound.cause()),
                    bound.cause());
        }
        listener = bound.channel();
        stop = new GracefulStop(listener, clients, proxy, loops);
        log.info("listening on {}:{} ({}{})", builder.host, port(), transport, tls.isPresent() ? ", TLS" : "");
    }

    private ChannelInitializer<Channel> initializer(Builder builder, Optional<SslContext> tls) {
        Consumer<ChannelPipeline> handlers = builder.handlers;
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel client) {
                clients.add(client);
                ChannelPipeline pipeline = client.pipeline();
                tls.ifPresent(context -> pipeline.addLast(context.newHandler(client.alloc())));
                pipeline.addLast(proxy.newCodec(), new ClientConnection(proxy));
                handlers.accept(pipeline);
                pipeline.addLast(proxy.newHandler());
            }
        };
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        if (message == null) {
            return cause.getClass().getSimpleName();
        }
        // The epoll transport says "bind(..) failed with error(-98): Address already in use".
        return message.replaceFirst("^bind\\(\\.\\.\\) failed with error\\(-\\d+\\): ", "");
    }

    /**
     * A builder whose defaults are right for chat traffic.
     *
     * @param balancer picks the back ends; it is not closed with the gateway
     */
    public static Builder builder(LoadBalancer balancer) {
        return new Builder(balancer);
    }

    /** The port that it listens on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** How many requests, upgraded connections included, are being served now. */
    public long openStreams() {
        return proxy.openStreams();
    }

    /** How many client connections are open. */
    public int openConnections() {
        return clients.size();
    }

    /**
     * Stops gracefully: no connection is accepted any more, idle ones are closed, and what is being served is finished.
     * Meanwhile WebSockets get a close frame with code 1001 between two messages, and event streams that their clients can
     * resume end between two events, each at a moment of its own. What is not finished within the patience is ended
     * visibly. Stopping again, with less patience, is allowed.
     *
     * @param patience 0 to 365 days
     * @return completes when the last connection is closed and the threads have ended
     */
    public CompletionStage<Void> stop(Duration patience) {
        return stop.begin(patience);
    }

    /** Configures a {@link GatewayServer}. Not thread-safe. */
    public static final class Builder {

        private final ReverseProxy.Builder proxy;
        private String host = "127.0.0.1";
        private int port = 8080;
        private int eventLoopThreads = Runtime.getRuntime().availableProcessors();
        private Optional<FrontTls> tls = Optional.empty();
        private Consumer<ChannelPipeline> handlers = pipeline -> {};
        private IntFunction<EventLoopGroup> loops = Transport.best()::loops;

        private Builder(LoadBalancer balancer) {
            this.proxy = ReverseProxy.builder(balancer);
        }

        /** The local address or host name to listen on; {@code 127.0.0.1} by default, {@code 0.0.0.0} is every address. */
        public Builder host(String newHost) {
            this.host = Objects.requireNonNull(newHost, "host");
            return this;
        }

        /** The port to listen on, 0 to 65535; 8080 by default, 0 means any free one. */
        public Builder port(int newPort) {
            this.port = newPort;
            return this;
        }

        /** Speaks TLS with clients. Both files are in PEM form; the key is PKCS #8 and has no password. */
        public Builder tls(Path certificate, Path key) {
            this.tls = Optional.of(new FrontTls(certificate, key));
            return this;
        }

        /** How many threads serve connections, at least 1; by default as many as the machine has processors. */
        public Builder eventLoopThreads(int threads) {
            this.eventLoopThreads = threads;
            return this;
        }

        /** What serves the connections, made for a number of threads: tests bring loops whose time they let pass. */
        Builder loops(IntFunction<EventLoopGroup> newLoops) {
            this.loops = newLoops;
            return this;
        }

        /** See {@link ReverseProxy.Builder#random}. */
        Builder random(RandomGenerator generator) {
            proxy.random(generator);
            return this;
        }

        /**
         * Adds own handlers to the pipeline of each client connection, behind the codec and before the proxy. They see
         * one request at a time, and only such as are valid. Automatic reading is off: who takes a request's body for
         * itself must read.
         */
        public Builder handlers(Consumer<ChannelPipeline> initializer) {
            this.handlers = Objects.requireNonNull(initializer, "handlers");
            return this;
        }

        /** See {@link ReverseProxy.Builder#timeouts}. */
        public Builder timeouts(Timeouts timeouts) {
            proxy.timeouts(timeouts);
            return this;
        }

        /** See {@link ReverseProxy.Builder#preserveHost}. */
        public Builder preserveHost(boolean preserve) {
            proxy.preserveHost(preserve);
            return this;
        }

        /** See {@link ReverseProxy.Builder#resumable}. */
        public Builder resumable(Predicate<RequestView> requests) {
            proxy.resumable(requests);
            return this;
        }

        /** See {@link ReverseProxy.Builder#backendTls}. */
        public Builder backendTls(Path certificates) {
            proxy.backendTls(certificates);
            return this;
        }

        /** See {@link ReverseProxy.Builder#replayBodies}. */
        public Builder replayBodies(int maxBytes) {
            proxy.replayBodies(maxBytes);
            return this;
        }

        /** See {@link ReverseProxy.Builder#maxConnectionsPerBackend}. */
        public Builder maxConnectionsPerBackend(int connections) {
            proxy.maxConnectionsPerBackend(connections);
            return this;
        }

        /** See {@link ReverseProxy.Builder#maxConnections}. */
        public Builder maxConnections(int connections) {
            proxy.maxConnections(connections);
            return this;
        }

        /** See {@link ReverseProxy.Builder#maxInitialLineBytes}. */
        public Builder maxInitialLineBytes(int bytes) {
            proxy.maxInitialLineBytes(bytes);
            return this;
        }

        /** See {@link ReverseProxy.Builder#maxHeaderBytes}. */
        public Builder maxHeaderBytes(int bytes) {
            proxy.maxHeaderBytes(bytes);
            return this;
        }

        /** See {@link ReverseProxy.Builder#maxRequestBodyBytes}. */
        public Builder maxRequestBodyBytes(long bytes) {
            proxy.maxRequestBodyBytes(bytes);
            return this;
        }

        /** See {@link ReverseProxy.Builder#maxIdleConnections}. */
        public Builder maxIdleConnections(int connections) {
            proxy.maxIdleConnections(connections);
            return this;
        }

        /** See {@link ReverseProxy.Builder#backendIdle}. */
        public Builder backendIdle(Duration idle) {
            proxy.backendIdle(idle);
            return this;
        }

        /**
         * Starts a gateway; returns when it listens.
         *
         * @throws IllegalArgumentException if a value is wrong, as {@code name: value (expected: rule)}
         * @throws IllegalStateException if it cannot listen on the address, for example because the port is in use
         */
        public GatewayServer start() {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
            }
            if (host.isEmpty()) {
                throw new IllegalArgumentException("host: \"\" (expected: an address or a host name)");
            }
            if (eventLoopThreads < 1) {
                throw new IllegalArgumentException("eventLoopThreads: " + eventLoopThreads + " (expected: >= 1)");
            }
            return new GatewayServer(this);
        }
    }
}
