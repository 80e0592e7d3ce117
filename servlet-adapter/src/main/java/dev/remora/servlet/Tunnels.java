package dev.remora.servlet;

import dev.remora.Pick;
import dev.remora.exchange.NanoClock;
import dev.remora.http.Upgrades;
import dev.remora.pool.Backend;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The upgraded connections of a proxy: WebSockets and all others that leave HTTP. They have connections of their own to back
 * ends, since the JDK's HttpClient knows no upgrade. Thread-safe.
 */
final class Tunnels implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Tunnels.class);
    private static final String JETTY = "org.eclipse.jetty.";

    private final ProxySettings proxy;
    private final Optional<SSLContext> tls;
    private final boolean preserveHost;
    private final SocketLoop loop = new SocketLoop();
    private final AtomicBoolean toldOfJetty = new AtomicBoolean();

    /**
     * None at first, and no thread.
     *
     * @param tls whom to trust as an {@code https} back end; the platform's own authorities by default
     */
    Tunnels(ProxySettings proxy, Optional<SSLContext> tls, boolean preserveHost) {
        this.proxy = proxy;
        this.tls = tls;
        this.preserveHost = preserveHost;
    }

    /**
     * Whether a request's container can leave HTTP. A Jetty that hides its classes cannot: then such a request is served as if
     * it had not asked, as HTTP allows.
     */
    boolean arePossible(HttpServletRequest request) {
        boolean possible = !isJetty(request) || isJettyOpen();
        if (!possible && toldOfJetty.compareAndSet(false, true)) {
            log.warn("container: a Jetty that hides its classes from this application, so WebSockets are not relayed"
                    + " (expected: the classes of jetty-io and jetty-server in sight, as in an embedded Jetty)");
        }
        return possible;
    }

    private static boolean isJetty(HttpServletRequest request) {
        return request.getServletContext().getClass().getName().startsWith(JETTY);
    }

    // Jetty hides its classes from applications that are deployed as an archive.
    private static boolean isJettyOpen() {
        try {
            Class<?> unused = Class.forName(JETTY + "io.AbstractConnection");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Leaves HTTP when the response is complete; the handler gets its tunnel until then. */
    TunnelHandler upgrade(HttpServletRequest request) throws IOException, ServletException {
        if (!isJetty(request)) {
            return request.upgrade(TunnelHandler.class);
        }
        TunnelHandler handler = new TunnelHandler();
        JettyConnection.upgrade(request, handler);
        return handler;
    }

    /**
     * Serves a request that {@linkplain ProxiedRequest#isUpgrade asks for an upgrade}, on the container's thread: a container can
     * leave HTTP only from there. It waits for the answer of the back end, and relays one that declines; the tunnel of one
     * that agrees goes on without it.
     *
     * @param question waited for
     * @param streamEnded told once, when the lease has ended
     * @throws IOException if the client is gone
     * @throws ServletException if the answer broke off
     */
    void serve(
            ProxiedRequest head,
            HttpServletRequest request,
            HttpServletResponse response,
            CompletableFuture<Pick> question,
            Runnable streamEnded)
            throws IOException, ServletException {
        new UpgradeExchange(this, head, request, response, streamEnded).run(question);
    }

    ProxySettings proxy() {
        return proxy;
    }

    SocketLoop loop() {
        return loop;
    }

    /** Opens a connection. */
    BackendSocket connect(Backend backend) throws IOException {
        NanoClock clock = proxy.clock();
        long deadlineNanos = clock.nanos() + proxy.timeouts().connect().toNanos();
        return BackendSocket.connect(loop, clock, backend, context(), deadlineNanos);
    }

    private SSLContext context() {
        try {
            return tls.isPresent() ? tls.get() : SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the platform has no TLS", e);
        }
    }

    /** The head of a request that asks a back end for an upgrade. */
    ByteBuffer head(ProxiedRequest request, Backend backend, HeaderList headers, List<String> protocols) {
        if (!preserveHost || headers.values("host").isEmpty()) {
            headers.set("host", authority(backend));
        }
        for (String framing : List.of("content-length", "transfer-encoding", "expect", "te", "trailer")) {
            headers.remove(framing);
        }
        Upgrades.announce(headers, String.join(", ", protocols));
        StringBuilder head = new StringBuilder(512)
                .append(request.method())
                .append(' ')
                .append(request.target())
                .append(" HTTP/1.1\r\n");
        headers.forEach((name, value) -> {
            if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("header: " + name + " has several lines (expected: one)");
            }
            head.append(name).append(": ").append(value).append("\r\n");
        });
        return ByteBuffer.wrap(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    // The port only when it is not the scheme's own.
    private static String authority(Backend backend) {
        String host = backend.host().indexOf(':') < 0 ? backend.host() : '[' + backend.host() + ']';
        return backend.port() == (backend.secure() ? 443 : 80) ? host : host + ':' + backend.port();
    }

    /** Ends all of them. */
    @Override
    public void close() {
        loop.close();
    }
}
