package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerListener;
import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.wire.Eventually;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A proxy servlet in a container, clients and back ends that speak as the test wishes. */
@InEveryContainer
abstract class TunnelFixture {

    static final String UPGRADE = upgradeTo("chat");
    static final String SWITCHING = switchingTo("chat");

    @TempDir
    Path base;

    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private final BlockingQueue<Wire> arrived = new LinkedBlockingQueue<>();
    final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> events = new LinkedBlockingQueue<>();
    LoadBalancer balancer;
    ReverseProxyServlet proxy;
    RunningContainer container;

    @AfterEach
    final void closeAll() throws Exception {
        while (!closing.isEmpty()) {
            closing.pop().close();
        }
        if (balancer == null) {
            return;
        }
        assertThat(outcomes).as("ends that the test did not expect").isEmpty();
        assertThat(balancer.stats().openStreams())
                .as("open streams of the balancer")
                .isZero();
        Eventually.holds("the proxy has no open stream", Duration.ofSeconds(20), () -> proxy.openStreams() == 0);
    }

    <T extends AutoCloseable> T closing(T resource) {
        closing.push(resource);
        return resource;
    }

    final void gateway(ScriptedBackend... backends) throws Exception {
        gateway(balancer -> {}, servlet -> {}, backends);
    }

    final void gateway(
            Consumer<LoadBalancerBuilder> balancing,
            Consumer<ReverseProxyServlet.Builder> settings,
            ScriptedBackend... backends)
            throws Exception {
        start(
                balancing,
                settings,
                prepared -> {},
                Arrays.stream(backends).map(ScriptedBackend::backend).toArray(Backend[]::new));
    }

    final void start(
            Consumer<LoadBalancerBuilder> balancing,
            Consumer<ReverseProxyServlet.Builder> settings,
            Consumer<Site> setting,
            Backend... backends)
            throws Exception {
        LoadBalancerBuilder config = LoadBalancer.builder().backends(backends).listener(new BalancerListener() {
            @Override
            public void ended(Backend backend, Outcome outcome, long nanos, long bytes, long count) {
                events.add(count);
                outcomes.add(outcome);
            }
        });
        balancing.accept(config);
        balancer = closing(config.build());
        ReverseProxyServlet.Builder builder = ReverseProxyServlet.builder(balancer);
        settings.accept(builder);
        proxy = builder.build();
        Site site = new Site(base);
        site.servlets.add(new Site.MappedServlet("/*", proxy, true));
        setting.accept(site);
        container = Container.start(site);
        closing(container::stop);
    }

    final ScriptedBackend backend(String name, ScriptedBackend.Script script) {
        return closing(ScriptedBackend.start(name, script));
    }

    /** A back end that leaves each connection to the test. */
    final ScriptedBackend patient(String name) {
        CountDownLatch over = new CountDownLatch(1);
        ScriptedBackend backend = backend(name, server -> {
            arrived.add(server);
            over.await();
        });
        closing(over::countDown);
        return backend;
    }

    /** A {@linkplain #patient patient} back end's end of the next connection. */
    final Wire server() throws InterruptedException {
        Wire server = arrived.poll(20, TimeUnit.SECONDS);
        if (server == null) {
            throw new AssertionError("nobody has connected within 20 s");
        }
        return server;
    }

    final Wire client() {
        return closing(Wire.to(container.port()));
    }

    final Outcome outcome() throws InterruptedException {
        Outcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
        assertThat(outcome).as("the end of a lease within 20 s").isNotNull();
        return outcome;
    }

    static String upgradeTo(String protocol) {
        return lines("GET /ws HTTP/1.1", "Host: chat.test", "Connection: keep-alive, Upgrade", "Upgrade: " + protocol);
    }

    static String switchingTo(String protocol) {
        return lines("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: " + protocol);
    }

    static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }
}
