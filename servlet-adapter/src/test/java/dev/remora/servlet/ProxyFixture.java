package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerListener;
import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.exchange.Outcome;
import dev.remora.http.Timeouts;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.wire.Eventually;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A {@link ReverseProxyServlet} in a real container, in front of scripted back ends. After each test no stream is open, on the
 * proxy and on its balancer.
 */
@InEveryContainer
abstract class ProxyFixture {

    static final String GET = "GET / HTTP/1.1\r\nHost: chat.test\r\n\r\n";
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    /** Lines as HTTP ends them, and an empty one. */
    static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    @TempDir
    Path directory;

    private final BlockingQueue<Outcome> ends = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private LoadBalancerBuilder config = LoadBalancer.builder();
    private UnaryOperator<ReverseProxyServlet.Builder> settings = builder -> builder;
    private @Nullable LoadBalancer balancer;
    private @Nullable ReverseProxyServlet proxy;
    private Consumer<Site> configuring = site -> {};
    private @Nullable RunningContainer container;

    /** Changes the balancer before it is built. */
    void balancing(UnaryOperator<LoadBalancerBuilder> change) {
        config = change.apply(config);
    }

    /** Changes the proxy before it is built. */
    void proxying(UnaryOperator<ReverseProxyServlet.Builder> change) {
        UnaryOperator<ReverseProxyServlet.Builder> before = settings;
        settings = builder -> change.apply(before.apply(builder));
    }

    void timeouts(UnaryOperator<Timeouts> change) {
        proxying(builder -> builder.timeouts(change.apply(Timeouts.defaults())));
    }

    ScriptedBackend backend(String name, ScriptedBackend.Script script) {
        return closing(ScriptedBackend.start(name, script));
    }

    /** A back end that answers every request on a connection. */
    ScriptedBackend answering(String name, ScriptedBackend.Script each) {
        return closing(ScriptedBackend.answering(name, each));
    }

    <T extends AutoCloseable> T closing(T resource) {
        open.add(resource);
        return resource;
    }

    void start(ScriptedBackend... backends) throws Exception {
        start(Arrays.stream(backends).map(ScriptedBackend::backend).toArray(Backend[]::new));
    }

    void start(Backend... backends) throws Exception {
        LoadBalancer balancing = config.backends(BackendSource.fixed(backends))
                .listener(new BalancerListener() {
                    @Override
                    public void ended(Backend backend, Outcome outcome, long nanos, long bytes, long events) {
                        ends.add(outcome);
                    }
                })
                .build();
        balancer = balancing;
        ReverseProxyServlet relaying =
                settings.apply(ReverseProxyServlet.builder(balancing)).build();
        proxy = relaying;
        Site site = new Site(directory);
        configuring.accept(site);
        site.servlets.add(new Site.MappedServlet("/*", relaying, true));
        container = Container.start(site);
    }

    /** Changes the container before it is started. */
    void containing(Consumer<Site> change) {
        configuring = configuring.andThen(change);
    }

    RunningContainer container() {
        return Objects.requireNonNull(container);
    }

    LoadBalancer balancer() {
        return Objects.requireNonNull(balancer);
    }

    ReverseProxyServlet proxy() {
        return Objects.requireNonNull(proxy);
    }

    int port() {
        return container().port();
    }

    Wire client() {
        return closing(Wire.to(port()));
    }

    /** How the next lease ends; waits for it. */
    Outcome outcome() throws InterruptedException {
        Outcome outcome = ends.poll(20, TimeUnit.SECONDS);
        assertThat(outcome).as("the end of a lease within 20 s").isNotNull();
        return outcome;
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        if (proxy != null) {
            Eventually.holds(
                    "no stream is open",
                    Duration.ofSeconds(20),
                    () -> proxy().openStreams() == 0 && balancer().stats().openStreams() == 0);
        }
        if (container != null) {
            container.stop();
        }
        if (balancer != null) {
            balancer.close();
        }
    }
}
