package dev.remora.servlet;

import dev.remora.http.HeaderEdits;
import dev.remora.http.JdkHostHeader;
import dev.remora.pool.Backend;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;

/**
 * Sends requests to back ends with the JDK's HttpClient: it keeps connections, speaks HTTP/2 where that was agreed on by TLS,
 * and follows nothing, stores nothing and tries nothing again. Thread-safe.
 *
 * <p>The client of Java 17 has no end of its own: its thread ends when nobody holds it any more.
 */
final class BackendClient {

    // What the client writes itself, or what is only for the hop that it came on. Trailers it does not tell.
    private static final Set<String> NOT_SENT =
            Set.of("host", "content-length", "transfer-encoding", "expect", "te", "trailer", "connection", "upgrade");

    private static final int MAX_REMEMBERED = 10_000;

    private final HttpClient client;
    private final Set<String> answered = ConcurrentHashMap.newKeySet();
    private final boolean preserveHost;
    private final boolean http2;

    /**
     * A client.
     *
     * @param http2 whether back ends are offered HTTP/2, where TLS is spoken
     * @throws IllegalStateException if hosts are to be preserved, and the JDK's client does not let us
     */
    BackendClient(Duration connect, Optional<SSLContext> tls, boolean http2, boolean preserveHost, Executor executor) {
        JdkHostHeader.allow();
        if (preserveHost && !JdkHostHeader.isAllowed()) {
            throw new IllegalStateException("jdk.httpclient.allowRestrictedHeaders: without host, and somebody has used"
                    + " java.net.http before (expected: -Djdk.httpclient.allowRestrictedHeaders=host on the command"
                    + " line, or preserveHost(false))");
        }
        this.preserveHost = preserveHost;
        this.http2 = http2;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(http2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(connect)
                .executor(executor);
        tls.ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /**
     * Sends a request; what the client throws at once, it throws later too.
     *
     * @return cancelling it ends the request
     */
    CompletableFuture<HttpResponse<Void>> send(
            Backend backend, ProxiedRequest request, HeaderEdits edits, BodyPublisher body, BodyHandler<Void> answer) {
        try {
            return client.sendAsync(toBackend(backend, request, edits, body), answer);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** A back end has answered: its connection may be kept. */
    void answered(Backend backend) {
        if (answered.size() < MAX_REMEMBERED) {
            answered.add(authority(backend));
        }
    }

    /** Whether a connection to a back end may have been used before. */
    boolean mayHaveKept(Backend backend) {
        return answered.contains(authority(backend));
    }

    private HttpRequest toBackend(Backend backend, ProxiedRequest request, HeaderEdits edits, BodyPublisher body) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(uri(backend, request.target())).method(request.method(), new SentOnce(body));
        if (!backend.secure()) {
            // Without TLS the client would ask for HTTP/2 by an upgrade, which HTTP has given up.
            builder.version(HttpClient.Version.HTTP_1_1);
        }
        HeaderList headers = request.forNextHop();
        edits.applyTo(headers);
        headers.forEach((name, value) -> {
            if (!NOT_SENT.contains(name.toLowerCase(Locale.ROOT))) {
                builder.header(name, value);
            }
        });
        // Beside the authority that the client puts into HTTP/2 another host would be an error.
        if (preserveHost && !(http2 && backend.secure())) {
            headers.values("host").stream().findFirst().ifPresent(host -> builder.header("Host", host));
        }
        return builder.build();
    }

    private static String authority(Backend backend) {
        String host = backend.host().indexOf(':') < 0 ? backend.host() : '[' + backend.host() + ']';
        return host + ':' + backend.port();
    }

    private static URI uri(Backend backend, String target) {
        return URI.create((backend.secure() ? "https://" : "http://") + authority(backend) + target);
    }

    /**
     * A body that can be sent once. When a connection breaks before the answer, the client sends a {@code GET} again by
     * itself, and no setting of one client prevents that. But it asks for the length of the body each time.
     */
    private static final class SentOnce implements BodyPublisher {

        private final BodyPublisher body;
        private final AtomicBoolean sent = new AtomicBoolean();

        SentOnce(BodyPublisher body) {
            this.body = body;
        }

        @Override
        public long contentLength() {
            if (!sent.compareAndSet(false, true)) {
                throw new IllegalStateException("the request was sent already");
            }
            return body.contentLength();
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            body.subscribe(subscriber);
        }
    }
}
