package dev.remora.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.remora.pool.Backend;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Probes ask real sockets of this machine. */
class HealthProbeTest {

    private static boolean ask(HealthProbe probe, int port) throws Exception {
        try {
            return probe.prober(Runnable::run)
                    .probe(Backend.of("a", "http://127.0.0.1:" + port))
                    .get(30, TimeUnit.SECONDS)
                    .passed();
        } catch (ExecutionException e) {
            return false;
        }
    }

    // The port is taken, so that nobody else gets it meanwhile, but nobody listens there.
    private static boolean askWhereNobodyListens(HealthProbe probe) throws Exception {
        try (Socket deaf = new Socket()) {
            deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return ask(probe, deaf.getLocalPort());
        }
    }

    @Test
    void tcpPassesWhereSomebodyListens() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(ask(HealthProbe.tcp(), socket.getLocalPort())).isTrue();
        }
        assertThat(askWhereNobodyListens(HealthProbe.tcp())).isFalse();
    }

    @Test
    void httpPassesByStatus() throws Exception {
        AtomicInteger status = new AtomicInteger(200);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        server.start();
        try {
            int port = server.getAddress().getPort();
            HealthProbe probe = HealthProbe.http("/healthz");
            assertThat(ask(probe, port)).isTrue();
            status.set(399);
            assertThat(ask(probe, port)).isTrue();
            status.set(503);
            assertThat(ask(probe, port)).isFalse();
            assertThat(ask(HealthProbe.http("/nowhere"), port)).isFalse();
        } finally {
            server.stop(0);
        }
        assertThat(askWhereNobodyListens(HealthProbe.http("/healthz"))).isFalse();
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> HealthProbe.http("healthz"))
                .hasMessage("probe path: healthz (expected: /..., visible ASCII)");
        assertThatThrownBy(() -> new HealthProbe.Timing(Duration.ZERO, Duration.ofSeconds(1), 1, 1))
                .hasMessage("probe interval: PT0S (expected: > 0, at most 365 days)");
        assertThatThrownBy(() -> new HealthProbe.Timing(Duration.ofSeconds(1), Duration.ofSeconds(1), 0, 1))
                .hasMessage("rise: 0 (expected: >= 1)");
    }
}
