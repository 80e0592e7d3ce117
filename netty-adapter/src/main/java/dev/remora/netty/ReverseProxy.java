package dev.remora.netty;

import dev.remora.LoadBalancer;
import dev.remora.exchange.RequestView;
import dev.remora.http.Timeouts;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What the connections of a gateway share: the balancer, the settings, and the idle connections to back ends. It makes
 * one {@link ReverseProxyHandler} for each client connection.
 *
 * <pre>{@code
 * ReverseProxy proxy = ReverseProxy.builder(balancer).build();
 *
 * // in the ChannelInitializer of any server
 * pipeline.addLast(proxy.newCodec(), proxy.newHandler());
 * }</pre>
 *
 * <p>On event loops of one's own with Netty 4.2.18's epoll transport, an upgraded connection whose one half has ended may
 * lose what the other side still sends to a slow reader; {@link GatewayServer} mends that for its own loops, and NIO loops
 * are not concerned.
 *
 * <p>Immutable and thread-safe.
 */
public final class ReverseProxy implements AutoCloseable {

    private final LoadBalancer balancer;
    private final Timeouts timeouts;
    private final Limits limits;
    private final boolean preserveHost;
    private final Predicate<RequestView> resumable;
    private final RandomGenerator random;
    private final int replayableBytes;
    private final CappedConnector connector;
    private final HttpClock clock = new HttpClock(InstantSource.system());
    private final Map<EventLoop, BackendPool> pools = new ConcurrentHashMap<>();
    private final AtomicLong openStreams = new AtomicLong();

    private ReverseProxy(Builder builder) {
        this.balancer = builder.balancer;
        this.timeouts = builder.timeouts;
        this.limits = builder.limits;
        this.preserveHost = builder.preserveHost;
        this.resumable = builder.resumable;
        this.random = builder.random;
        this.replayableBytes = builder.replayableBytes;
        this.connector = new CappedConnector(
                new BackendConnector(timeouts.connect(), limits, builder.backendTls.build()),
                new ConnectionCaps(builder.maxConnectionsPerBackend, builder.maxConnections));
    }

    /**
     * A builder whose defaults are right for chat traffic.
     *
     * @param balancer picks the back ends; it is not closed with the proxy
     */
    public static Builder builder(LoadBalancer balancer) {
        return new Builder(balancer);
    }

    /** A handler for one client connection; the last one of its pipeline. */
    public ReverseProxyHandler newHandler() {
        return new ReverseProxyHandler(this);
    }

    /**
     * A codec for one client connection: Netty's, with every leniency taken out that could make two hops disagree on
     * what a request is.
     */
    public ChannelHandler newCodec() {
        return new ServerCodec(limits);
    }

    /** How many requests, upgraded connections included, are being served now. */
    public long openStreams() {
        return openStreams.get();
    }

    /** Closes the idle connections to back ends; streams that are open go on. Closing twice is harmless. */
    @Override
    public void close() {
        pools.forEach((loop, pool) -> {
            try {
                loop.execute(pool::close);
            } catch (RejectedExecutionException e) {
                // A loop that is gone has closed its connections.
                pools.remove(loop);
            }
        });
    }

    LoadBalancer balancer() {
        return balancer;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    Limits limits() {
        return limits;
    }

    boolean preserveHost() {
        return preserveHost;
    }

    /** Whether the user says that the client of this request asks again when its event stream ends. */
    boolean isResumable(RequestView request) {
        return resumable.test(request);
    }

    RandomGenerator random() {
        return random;
    }

    /** How much of a request's body is kept so that it can be sent again; 0 when nothing is. */
    int replayableBytes() {
        return replayableBytes;
    }

    /**
     * A connection to a back end, from the pool or a new one; told on the client's event loop.
     *
     * @param fresh whether it must be a new one
     * @param replayable whether the request may be sent twice
     */
    Future<BackendConnection> connect(BackendKey backend, Channel client, boolean fresh, boolean replayable) {
        EventLoop loop = client.eventLoop();
        BackendPool pool = pools.computeIfAbsent(loop, owner -> new BackendPool(owner, limits));
        BackendConnection idle = fresh ? null : pool.take(backend, !replayable);
        return idle == null ? connector.open(backend, client, pool, pools.values()) : loop.newSucceededFuture(idle);
    }

    HttpClock clock() {
        return clock;
    }

    void streamOpened() {
        openStreams.incrementAndGet();
    }

    void streamClosed() {
        openStreams.decrementAndGet();
    }

    /** Configures a {@link ReverseProxy}. Not thread-safe; {@link #build()} may be called again. */
    public static final class Builder {

        private final LoadBalancer balancer;
        private Timeouts timeouts = Timeouts.defaults();
        private Limits limits = Limits.defaults();
        private boolean preserveHost = true;
        private Predicate<RequestView> resumable = request -> false;
        private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        private int replayableBytes;
        private int maxConnectionsPerBackend = Integer.MAX_VALUE;
        private int maxConnections = Integer.MAX_VALUE;
        private BackendTls backendTls = BackendTls.platform();

        private Builder(LoadBalancer balancer) {
            this.balancer = Objects.requireNonNull(balancer, "balancer");
        }

        /** How long to wait for what; {@link Timeouts#defaults()} by default. */
        public Builder timeouts(Timeouts newTimeouts) {
            this.timeouts = Objects.requireNonNull(newTimeouts, "timeouts");
            return this;
        }

        /** Whether a back end sees the client's Host header (the default) or its own name. */
        public Builder preserveHost(boolean preserve) {
            this.preserveHost = preserve;
            return this;
        }

        /**
         * Names requests whose clients ask again when their event stream ends, and miss nothing then: such a stream may be
         * ended between two events when its back end is drained or the gateway stops. That a {@code GET} whose events
         * carry an {@code id} is one of them is known already; an answer that is given once never is. None by default.
         *
         * @param requests tested once for each event stream, when it begins; on event loops, so it must not block
         */
        public Builder resumable(Predicate<RequestView> requests) {
            this.resumable = Objects.requireNonNull(requests, "resumable");
            return this;
        }

        /**
         * Trusts these certificate authorities, and no other, when connecting to {@code https} back ends. By default the
         * platform's trust store is used. The back end's name is verified in any case.
         *
         * @param certificates a file with PEM certificates
         */
        public Builder backendTls(Path certificates) {
            this.backendTls = BackendTls.trusting(certificates);
            return this;
        }

        /**
         * Sends a request again to another back end, with its body, when one fails before its answer has begun: up to so
         * many bytes of each body are kept until then. 0, the default, keeps nothing: then only requests without a body
         * whose method is idempotent, and any whose body has not been touched, are sent again.
         *
         * <p>This holds for every method. A {@code POST} may so be done twice, by the back end that failed and by the next
         * one: to say that this does no harm is what setting this means.
         *
         * @param maxBytes at least 0
         */
        public Builder replayBodies(int maxBytes) {
            if (maxBytes < 0) {
                throw new IllegalArgumentException("replayBodies: " + maxBytes + " (expected: >= 0)");
            }
            this.replayableBytes = maxBytes;
            return this;
        }

        /**
         * The most connections to each back end, idle ones included, at least 1; unlimited by default. An idle one is
         * closed to make room. When all are busy a request goes to another back end, or is refused with 503 and {@code
         * Retry-After}; the back end counts as no less healthy for it.
         */
        public Builder maxConnectionsPerBackend(int connections) {
            this.maxConnectionsPerBackend = connections;
            return this;
        }

        /** The most connections to all back ends together, as {@link #maxConnectionsPerBackend}; unlimited by default. */
        public Builder maxConnections(int connections) {
            this.maxConnections = connections;
            return this;
        }

        /** The longest request line, at least 64 bytes; 8 KiB by default. A longer one is answered with 414. */
        public Builder maxInitialLineBytes(int bytes) {
            limits = new Limits(
                    bytes,
                    limits.maxHeaderBytes(),
                    limits.maxRequestBodyBytes(),
                    limits.maxIdleConnections(),
                    limits.backendIdle());
            return this;
        }

        /** The most bytes that all headers may have, at least 128; 32 KiB by default. More are answered with 431. */
        public Builder maxHeaderBytes(int bytes) {
            limits = new Limits(
                    limits.maxInitialLineBytes(),
                    bytes,
                    limits.maxRequestBodyBytes(),
                    limits.maxIdleConnections(),
                    limits.backendIdle());
            return this;
        }

        /** The longest request body, at least 0 bytes; unlimited by default. A longer one is answered with 413. */
        public Builder maxRequestBodyBytes(long bytes) {
            limits = new Limits(
                    limits.maxInitialLineBytes(),
                    limits.maxHeaderBytes(),
                    bytes,
                    limits.maxIdleConnections(),
                    limits.backendIdle());
            return this;
        }

        /**
         * How many idle connections each event loop keeps to each back end, at least 0 (then every request gets a new
         * connection); 64 by default.
         */
        public Builder maxIdleConnections(int connections) {
            limits = new Limits(
                    limits.maxInitialLineBytes(),
                    limits.maxHeaderBytes(),
                    limits.maxRequestBodyBytes(),
                    connections,
                    limits.backendIdle());
            return this;
        }

        /**
         * How long an idle connection to a back end is kept, up to a day; 60 s by default. A shorter time that the back
         * end names in a {@code Keep-Alive} header is heeded.
         */
        public Builder backendIdle(Duration idle) {
            limits = new Limits(
                    limits.maxInitialLineBytes(),
                    limits.maxHeaderBytes(),
                    limits.maxRequestBodyBytes(),
                    limits.maxIdleConnections(),
                    idle);
            return this;
        }

        /** Where chance comes from; thread-safe. Tests bring one that they know. */
        Builder random(RandomGenerator generator) {
            this.random = generator;
            return this;
        }

        /**
         * Makes a proxy.
         *
         * @throws IllegalArgumentException if the certificates of {@link #backendTls} cannot be used, or a cap on
         *     connections is below 1
         */
        public ReverseProxy build() {
            return new ReverseProxy(this);
        }
    }
}
