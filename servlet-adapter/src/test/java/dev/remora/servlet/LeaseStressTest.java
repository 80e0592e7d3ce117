package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadBalancer;
import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.wire.Wire;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many requests at once that end in all the ways there are: each lease ends exactly once. */
@InEveryContainer
class LeaseStressTest {

    private static final int CLIENTS = 8;
    private static final int REQUESTS_EACH = 100;
    private static final List<String> PATHS = List.of(
            "/plain",
            "/async",
            "/early",
            "/race",
            "/timeout",
            "/dispatch",
            "/twice",
            "/throw",
            "/asyncthrow",
            "/error",
            "/forward",
            "/include",
            "/endless",
            "/upgrade",
            "/retry");

    @TempDir
    Path base;

    private final ExecutorService application = Executors.newFixedThreadPool(4);
    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    private final AtomicInteger retries = new AtomicInteger();
    private ServletGateway gateway;

    @BeforeEach
    void open() throws Exception {
        StickyCookie cookie = StickyCookie.signedWith("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
        gateway = new ServletGateway(
                base, LoadBalancer.builder().health(HealthPolicy.none()).stickyCookie(cookie));
        gateway.balanced();
        gateway.serve("/plain", (request, response) -> response.getWriter().print("plain"));
        gateway.serve("/async", (request, response) -> later(request.startAsync(), 1));
        gateway.serve("/early", (request, response) -> request.startAsync().complete());
        gateway.serve("/race", this::race);
        gateway.serve(
                "/timeout", (request, response) -> later(request.startAsync(), 2_000, Container.SHORT_TIMEOUT_MILLIS));
        gateway.serve("/dispatch", (request, response) -> request.startAsync().dispatch("/plain"));
        gateway.serve("/twice", this::twice);
        gateway.serve("/throw", (request, response) -> {
            throw new ServletException("thrown");
        });
        gateway.serve("/asyncthrow", (request, response) -> {
            later(request.startAsync(), 1);
            throw new ServletException("thrown");
        });
        gateway.serve("/error", (request, response) -> response.sendError(404));
        gateway.serve(
                "/forward",
                (request, response) -> request.getRequestDispatcher("/plain").forward(request, response));
        gateway.serve(
                "/include",
                (request, response) -> request.getRequestDispatcher("/plain").include(request, response));
        gateway.serve("/endless", (request, response) -> {
            while (true) {
                response.getOutputStream().write(new byte[10_000]);
                response.flushBuffer();
            }
        });
        gateway.serve("/upgrade", (request, response) -> {
            response.setStatus(101);
            response.setHeader("Connection", "Upgrade");
            response.setHeader("Upgrade", "chat");
            request.upgrade(UpgradeLeaseTest.ClosingHandler.class);
        });
        gateway.serve("/retry", (request, response) -> {
            LoadBalancingFilter.retry(request, Outcome.failure(FailureKind.CONNECT));
            retries.incrementAndGet();
            request.startAsync().complete();
        });
        gateway.errorPage(404, "/plain").start();
    }

    @AfterEach
    void close() throws Exception {
        clients.shutdownNow();
        application.shutdownNow();
        gateway.close();
    }

    /** Completes on another thread when some thousands of steps, counted there, are done. */
    private void later(AsyncContext async, int steps) {
        later(async, steps, 30_000);
    }

    private void later(AsyncContext async, int steps, long timeoutMillis) {
        async.setTimeout(timeoutMillis);
        application.execute(() -> complete(async, steps));
    }

    private static void complete(AsyncContext async, int steps) {
        try {
            for (int i = 0; i < steps; i++) {
                async.getResponse().getOutputStream().print("x");
                async.getResponse().flushBuffer();
            }
            async.complete();
        } catch (IOException | IllegalStateException e) {
            // The container was first.
        }
    }

    private void race(HttpServletRequest request, HttpServletResponse response) {
        AsyncContext async = request.startAsync();
        async.setTimeout(Container.SHORT_TIMEOUT_MILLIS);
        Runnable end = () -> {
            try {
                async.complete();
            } catch (IllegalStateException e) {
                // Another one was first.
            }
        };
        application.execute(end);
        application.execute(end);
    }

    private void twice(HttpServletRequest request, HttpServletResponse response) {
        AsyncContext async = request.startAsync();
        if (request.getDispatcherType() == DispatcherType.REQUEST) {
            application.execute(async::dispatch);
        } else {
            later(async, 1);
        }
    }

    @Test
    void everyLeaseEndsExactlyOnce() throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Random random = new Random(client);
            running.add(clients.submit(() -> {
                for (int i = 0; i < REQUESTS_EACH; i++) {
                    ask(PATHS.get(random.nextInt(PATHS.size())), random.nextInt(4));
                }
                return null;
            }));
        }
        for (Future<?> each : running) {
            each.get(100, TimeUnit.SECONDS);
        }
        int leases = CLIENTS * REQUESTS_EACH + retries.get();
        for (int i = 0; i < leases; i++) {
            gateway.ended();
        }
        assertThat(gateway.picked()).isEqualTo(leases);
        assertThat(gateway.openStreams()).isZero();
    }

    /** Asks, reads a little, and leaves: politely, by a reset, or at once. */
    private void ask(String path, int manner) throws IOException {
        String upgrade = path.equals("/upgrade") ? "Connection: Upgrade\r\nUpgrade: chat\r\n" : "";
        try (Wire client = new Wire(gateway.raw("GET " + path + " HTTP/1.1\r\nHost: test\r\n" + upgrade + "\r\n"))) {
            client.socket().setSoTimeout(5_000);
            if (manner > 0 || path.equals("/timeout")) {
                client.socket().getInputStream().read(new byte[50]);
            }
            if (manner > 1) {
                client.socket().setSoLinger(true, 0);
            }
        }
    }
}
