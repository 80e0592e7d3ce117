package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerListener;
import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/**
 * A gateway in front of scripted back ends, whose time passes only when a test says so; after each test nothing may be
 * left open.
 */
abstract class GatewayFixture {

    static final String GET = "GET / HTTP/1.1\r\nHost: chat.test\r\n\r\n";
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final List<AutoCloseable> resources = new CopyOnWriteArrayList<>();
    final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    final ManualTime time = new ManualTime();
    private LoadBalancer balancer;
    private GatewayServer gateway;

    @BeforeAll
    static void watchLeaks() {
        Leaks.watch();
    }

    /** Lines as HTTP ends them, and an empty one. */
    static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    /** Closed after the test. */
    <T extends AutoCloseable> T closing(T resource) {
        resources.add(resource);
        return resource;
    }

    ScriptedBackend backend(String name, ScriptedBackend.Script script) {
        return closing(ScriptedBackend.start(name, script));
    }

    ScriptedBackend answering(String name, ScriptedBackend.Script each) {
        return closing(ScriptedBackend.answering(name, each));
    }

    GatewayServer gateway(ScriptedBackend... backends) {
        return gateway(settings -> {}, server -> {}, backends);
    }

    GatewayServer gateway(
            Consumer<LoadBalancerBuilder> settings,
            Consumer<GatewayServer.Builder> server,
            ScriptedBackend... backends) {
        Backend[] list = new Backend[backends.length];
        for (int i = 0; i < list.length; i++) {
            list[i] = backends[i].backend();
        }
        return gateway(settings, server, list);
    }

    GatewayServer gateway(
            Consumer<LoadBalancerBuilder> settings, Consumer<GatewayServer.Builder> server, Backend... backends) {
        return gateway(settings, server, BackendSource.fixed(backends));
    }

    GatewayServer gateway(
            Consumer<LoadBalancerBuilder> settings, Consumer<GatewayServer.Builder> server, BackendSource backends) {
        LoadBalancerBuilder builder = LoadBalancer.builder().backends(backends).listener(new BalancerListener() {
            @Override
            public void ended(Backend backend, Outcome outcome, long openNanos, long bytes, long events) {
                outcomes.add(outcome);
            }
        });
        settings.accept(builder);
        balancer = closing(builder.build());
        GatewayServer.Builder gatewayBuilder =
                GatewayServer.builder(balancer).port(0).eventLoopThreads(1).loops(this::loops);
        server.accept(gatewayBuilder);
        gateway = gatewayBuilder.start();
        return gateway;
    }

    private EventLoopGroup loops(int threads) {
        return time.loops(threads, Transport.best().ioHandlers());
    }

    LoadBalancer balancer() {
        return balancer;
    }

    Wire client() {
        return closing(Wire.to(gateway.port()));
    }

    /** How the next stream ended. */
    Outcome outcome() throws InterruptedException {
        Outcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
        assertThat(outcome).as("a stream should end within 20 s").isNotNull();
        return outcome;
    }

    static void eventually(String what, BooleanSupplier holds) {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUp).as("within 20 s: %s", what).isNegative();
            Thread.onSpinWait();
        }
    }

    @AfterEach
    void nothingIsLeftOpen() throws Exception {
        for (int i = resources.size() - 1; i >= 0; i--) {
            if (resources.get(i) instanceof Wire wire) {
                wire.close();
            }
        }
        if (gateway != null) {
            eventually(
                    "no open streams",
                    () -> gateway.openStreams() == 0 && balancer.stats().openStreams() == 0);
            gateway.stop(Duration.ZERO).toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        for (int i = resources.size() - 1; i >= 0; i--) {
            resources.get(i).close();
        }
        assertThat(Leaks.found()).as("buffers that nobody released").isEmpty();
    }
}
