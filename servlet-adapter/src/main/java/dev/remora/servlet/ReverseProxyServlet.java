package dev.remora.servlet;

import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.exchange.NanoClock;
import dev.remora.exchange.RequestView;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Rejection;
import dev.remora.http.Timeouts;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;

/**
 * A servlet that relays requests to the back ends of a balancer, and their answers back as they come: a streaming reverse
 * proxy for any Servlet 6 container.
 *
 * <pre>{@code
 * ReverseProxyServlet proxy = ReverseProxyServlet.builder(balancer).build();
 *
 * ServletRegistration.Dynamic registration = context.addServlet("remora", proxy);
 * registration.setAsyncSupported(true);
 * registration.addMapping("/*");
 * }</pre>
 *
 * <p>No thread waits while a stream is silent. Each burst that a back end sends is flushed to the client at once; a client
 * that reads slowly slows its back end; one that leaves cancels it. An answer that broke off never looks complete: the
 * client's connection breaks, too. That is made by an asynchronous dispatch that throws, so containers log it.
 *
 * <p>It is a filter as well, for all that reaches it: register it for the dispatcher types {@code REQUEST} and {@code ASYNC},
 * with async support. Without {@code ASYNC}, what breaks off looks complete in Undertow.
 *
 * <p>Thread-safe. The balancer stays the caller's to close; {@link LoadBalancer#shutdown} ends open streams politely.
 */
public final class ReverseProxyServlet extends HttpServlet implements Filter {

    private static final long serialVersionUID = 1;

    private final transient ProxySettings proxy;
    private final transient Tunnels tunnels;
    private final transient ExecutorService executor;
    private final transient Set<ClientSide> open = ConcurrentHashMap.newKeySet();
    private final transient AtomicLong upgraded = new AtomicLong();

    private ReverseProxyServlet(Builder builder) {
        Threads threads = new Threads();
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1, threads::timer);
        scheduler.setRemoveOnCancelPolicy(true);
        this.executor = Executors.newFixedThreadPool(builder.threads, threads::worker);
        Optional<SSLContext> tls = builder.backendTls.map(BackendTls::trusting);
        this.proxy = new ProxySettings(
                builder.balancer,
                new BackendClient(builder.timeouts.connect(), tls, builder.http2, builder.preserveHost, executor),
                builder.timeouts,
                builder.resumable,
                builder.replayableBytes,
                builder.maxRequestBodyBytes,
                scheduler,
                NanoClock.system(),
                () -> ThreadLocalRandom.current().nextLong());
        this.tunnels = new Tunnels(proxy, tls, builder.preserveHost);
    }

    /**
     * A builder whose defaults are right for chat traffic.
     *
     * @param balancer picks the back ends; it is not closed with the servlet
     */
    public static Builder builder(LoadBalancer balancer) {
        return new Builder(balancer);
    }

    /** How many requests, upgraded connections included, are being served now. */
    public long openStreams() {
        return open.size() + upgraded.get();
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        service(request, response);
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (request.getDispatcherType() == DispatcherType.ASYNC && ClientSide.isBrokenOff(request)) {
            ClientSide.breakConnection(request);
            return;
        }
        require(request, response);
        ProxiedRequest head;
        boolean upgrade;
        try {
            ProxiedRequest asked =
                    ProxiedRequest.of(request, proxy.balancer().trustedProxies(), proxy.maxRequestBodyBytes());
            upgrade = asked.isUpgrade() && tunnels.arePossible(request);
            head = upgrade ? asked : asked.inAscii();
        } catch (Rejection e) {
            OwnAnswer.write(e.problem(), closing(request), response);
            return;
        }
        relay(head, upgrade, request, response);
    }

    // Behind a head that breaks the rules nobody knows where the next one begins. HTTP/2 does.
    private static HeaderEdits closing(HttpServletRequest request) {
        return request.getProtocol().startsWith("HTTP/1")
                ? headers -> headers.set("connection", "close")
                : HeaderEdits.none();
    }

    private static void require(HttpServletRequest request, HttpServletResponse response) throws ServletException {
        if (request.getDispatcherType() == DispatcherType.INCLUDE) {
            throw new ServletException(
                    "dispatcher type: INCLUDE (expected: a forward to ReverseProxyServlet, which writes the head, too)");
        }
        if (!request.isAsyncSupported()) {
            throw new ServletException(
                    "asyncSupported: false (expected: true on ReverseProxyServlet and on every filter before it)");
        }
        if (response.isCommitted()) {
            throw new ServletException("response: committed (expected: ReverseProxyServlet to write all of it)");
        }
    }

    private void relay(ProxiedRequest head, boolean upgrade, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (upgrade) {
            upgraded.incrementAndGet();
            tunnels.serve(head, request, response, acquire(head), upgraded::decrementAndGet);
            return;
        }
        // First: a container that refuses must not leave a lease behind.
        ClientSide client = ClientSide.startAsync(request, response, open::remove);
        open.add(client);
        new ProxyExchange(proxy, head, client).begin(acquire(head));
    }

    // What is thrown is told like all other failures: the request is counted, and perhaps asynchronous.
    private CompletableFuture<Pick> acquire(ProxiedRequest head) {
        try {
            return proxy.balancer().acquire(head).toCompletableFuture();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Ends what is open, and lets go of threads and connections. */
    @Override
    public void destroy() {
        tunnels.close();
        open.forEach(ClientSide::proxyGone);
        proxy.scheduler().shutdownNow();
        executor.shutdown();
        try {
            // Containers look for threads that are left. Nothing that runs there waits for anybody.
            boolean unused = proxy.scheduler().awaitTermination(1, TimeUnit.SECONDS)
                    && executor.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Names the threads, which do not keep a process alive. */
    private static final class Threads {

        private final AtomicInteger workers = new AtomicInteger();

        Thread timer(Runnable task) {
            return daemon(task, "remora-proxy-timer");
        }

        Thread worker(Runnable task) {
            return daemon(task, "remora-proxy-" + workers.incrementAndGet());
        }

        private static Thread daemon(Runnable task, String name) {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        }
    }

    /** Configures a {@link ReverseProxyServlet}. Not thread-safe; {@link #build()} may be called again. */
    public static final class Builder {

        private final LoadBalancer balancer;
        private Timeouts timeouts = Timeouts.defaults();
        private boolean preserveHost = true;
        private boolean http2;
        private Predicate<RequestView> resumable = request -> false;
        private int replayableBytes;
        private long maxRequestBodyBytes = Long.MAX_VALUE;
        private int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        private Optional<Path> backendTls = Optional.empty();

        private Builder(LoadBalancer balancer) {
            this.balancer = Objects.requireNonNull(balancer, "balancer: null (expected: the one that picks back ends)");
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
         * Whether {@code https} back ends are offered HTTP/2, by ALPN; not by default. Then they see their own name as the
         * host, and the client's in {@code X-Forwarded-Host}. Others are asked with HTTP/1.1. All streams to a back end then
         * share one connection, and a client that reads slowly keeps a part of its window ({@code
         * jdk.httpclient.windowsize}): better for many short answers than for large ones.
         */
        public Builder http2(boolean offered) {
            this.http2 = offered;
            return this;
        }

        /**
         * Names requests whose clients ask again when their event stream ends, and miss nothing then: such a stream may be
         * ended between two events when its back end is drained. That a {@code GET} whose events carry an {@code id} is one
         * of them is known already; an answer that is given once never is. None by default.
         *
         * @param requests tested once for each event stream, when it begins; must not block
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
            this.backendTls = Optional.of(certificates);
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

        /** The longest request body, at least 0 bytes; unlimited by default. A longer one is answered with 413. */
        public Builder maxRequestBodyBytes(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("maxRequestBodyBytes: " + bytes + " (expected: >= 0)");
            }
            this.maxRequestBodyBytes = bytes;
            return this;
        }

        /**
         * Makes a servlet.
         *
         * @throws IllegalArgumentException if the certificates of {@link #backendTls} cannot be used
         * @throws IllegalStateException if the JDK's HttpClient was used in this process before, so that it lets nobody name
         *     the host any more; the message says what to do
         */
        public ReverseProxyServlet build() {
            return new ReverseProxyServlet(this);
        }
    }
}
