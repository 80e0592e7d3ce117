package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerListener;
import dev.remora.BalancerStats.BackendStats;
import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.wire.Certificates;
import dev.remora.wire.Eventually;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real servlet container on a free port of 127.0.0.1, a balancer with two back ends, and small servlets. Closing it
 * checks that every lease has ended once.
 */
final class ServletGateway implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    final LoadBalancer balancer;
    private final BlockingQueue<Outcome> ends = new LinkedBlockingQueue<>();
    private final Site site;
    private HttpClient client = client(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
    private String scheme = "http";
    private @Nullable RunningContainer container;

    ServletGateway(Path base, LoadBalancerBuilder config) {
        this(base, config, Backend.of("a", "http://127.0.0.1:1"), Backend.of("b", "http://127.0.0.1:2"));
    }

    ServletGateway(Path base, LoadBalancerBuilder config, Backend... backends) {
        site = new Site(base);
        balancer = config.backends(backends)
                .listener(new BalancerListener() {
                    @Override
                    public void ended(Backend backend, Outcome outcome, long nanos, long bytes, long events) {
                        ends.add(outcome);
                    }
                })
                .build();
    }

    private static HttpClient client(HttpClient.Builder builder) {
        return builder.followRedirects(HttpClient.Redirect.NEVER).build();
    }

    /** One more servlet, which supports asynchronous requests. */
    ServletGateway serve(String path, TestServlet.Handler handler) {
        return serve(path, new TestServlet(handler), true);
    }

    ServletGateway serve(String path, Servlet servlet, boolean asyncSupported) {
        site.servlets.add(new Site.MappedServlet(path, servlet, asyncSupported));
        return this;
    }

    /** One more filter for all paths and all kinds of dispatch. */
    ServletGateway filter(Filter filter) {
        return filter(filter, true, EnumSet.allOf(DispatcherType.class));
    }

    ServletGateway filter(Filter filter, boolean asyncSupported, Set<DispatcherType> dispatches) {
        site.filters.add(new Site.MappedFilter(filter, asyncSupported, dispatches));
        return this;
    }

    /** The filter under test, for all paths and all kinds of dispatch. */
    ServletGateway balanced() {
        return filter(new LoadBalancingFilter(balancer));
    }

    ServletGateway errorPage(int status, String path) {
        site.pages.add(new Site.StatusPage(status, path));
        return this;
    }

    /** Empty, as it is without this call, or a path that begins with a slash. */
    ServletGateway contextPath(String path) {
        site.contextPath = path;
        return this;
    }

    /** No more than so many threads serve requests. */
    ServletGateway workerThreads(int threads) {
        site.workerThreads = threads;
        return this;
    }

    /** Speaks TLS, and HTTP/2 with the clients that ask for it, as {@link #get} does now. For {@code ip:127.0.0.1}. */
    ServletGateway secured(Certificates certificates) throws Exception {
        site.certificates = Optional.of(certificates);
        scheme = "https";
        client = client(
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).sslContext(certificates.context()));
        return this;
    }

    ServletGateway start() throws Exception {
        container = Container.start(site);
        return this;
    }

    int port() {
        return running().port();
    }

    int busyThreads() {
        return running().busyThreads();
    }

    private RunningContainer running() {
        return Objects.requireNonNull(container, "start() comes first");
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return client.send(request(path, headers), HttpResponse.BodyHandlers.ofString());
    }

    <T> HttpResponse<T> get(String path, HttpResponse.BodyHandler<T> body) throws IOException, InterruptedException {
        return client.send(request(path), body);
    }

    /** A connection on which a request was sent, as it stands. */
    Socket raw(String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        OutputStream out = socket.getOutputStream();
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** How the next lease ends; waits for it. */
    Outcome ended() throws InterruptedException {
        Outcome outcome = ends.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertThat(outcome).as("the end of a lease within 30 s").isNotNull();
        return outcome;
    }

    boolean noneEnded() {
        return ends.isEmpty();
    }

    long openStreams() {
        return balancer.stats().openStreams();
    }

    long picked() {
        return balancer.stats().backends().stream()
                .mapToLong(BackendStats::picked)
                .sum();
    }

    private HttpRequest request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
        return headers.length == 0 ? request.build() : request.headers(headers).build();
    }

    URI uri(String path) {
        return URI.create(scheme + "://127.0.0.1:" + port() + path);
    }

    private void stop() throws IOException {
        if (container != null) {
            container.stop();
            container = null;
        }
        balancer.close();
    }

    /** Waits until no stream is open, so that a stream which only the stop of the container ends is a failure. */
    @Override
    public void close() throws IOException {
        try {
            Eventually.holds("the end of all streams", DEADLINE, () -> openStreams() == 0);
        } finally {
            stop();
        }
        assertThat(ends).as("ends that the test did not expect").isEmpty();
        assertThat(openStreams()).as("open streams after the test").isZero();
    }
}
