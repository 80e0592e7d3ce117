package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.wire.Eventually;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients and back ends that break off wherever they are: nothing is left of them, nor complained of. */
class ProxyStormTest extends ProxyFixture {

    private static final int REQUESTS = 600;
    private static final int CLIENTS = 40;
    private static final int UPLOAD_BYTES = 200_000;
    private static final String UPLOAD = lines("POST / HTTP/1.1", "Host: chat.test", "Content-Length: " + UPLOAD_BYTES);
    private static final String UPGRADE =
            lines("GET / HTTP/1.1", "Host: chat.test", "Connection: Upgrade", "Upgrade: chat");
    private static final String SWITCHING =
            lines("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: chat");

    private final Set<Wire> connections = ConcurrentHashMap.newKeySet();
    private final Random random = new Random(7);

    private int upTo(int bound) {
        synchronized (random) {
            return random.nextInt(bound);
        }
    }

    private ScriptedBackend fickle() {
        return backend("a", server -> {
            connections.add(server);
            try {
                for (String head = server.head(); !head.isEmpty() && upTo(6) > 0; head = server.head()) {
                    answer(server, head);
                }
            } finally {
                connections.remove(server);
                if (upTo(2) == 0) {
                    server.reset();
                }
            }
        });
    }

    private void answer(Wire server, String head) {
        if (head.contains("chat\r\n") && head.toLowerCase(java.util.Locale.ROOT).contains("upgrade: chat")) {
            server.send(SWITCHING).send(new byte[upTo(100_000)]);
            server.text(1 + upTo(100));
            throw new IllegalStateException("the tunnel is over");
        } else if (head.startsWith("POST")) {
            server.text(upTo(2) == 0 ? UPLOAD_BYTES : upTo(UPLOAD_BYTES));
            server.send(OK);
        } else {
            server.send(EVENTS);
            for (int i = upTo(200); i > 0; i--) {
                server.send("9\r\ndata: 1\n\n\r\n");
            }
            server.send("0\r\n\r\n");
        }
    }

    private void visit() {
        try (Wire client = Wire.to(port())) {
            switch (upTo(3)) {
                case 0 -> client.send(GET);
                case 1 -> client.send(UPLOAD).send(new byte[upTo(UPLOAD_BYTES)]);
                default -> client.send(UPGRADE).send(new byte[upTo(1_000)]);
            }
            client.socket().setSoTimeout(200);
            for (int left = upTo(1_500); left > 0 && client.read() >= 0; left--) {
                // Reads on.
            }
            if (upTo(3) > 0) {
                client.reset();
            }
        } catch (UncheckedIOException | AssertionError | java.io.IOException e) {
            // The other side was faster, or says nothing any more.
        }
    }

    @Test
    void nothingIsLeftOfClientsAndBackEndsThatBreakOff() throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            start(fickle());
            List<Future<?>> visits = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                visits.add(clients.submit(this::visit));
            }
            for (Future<?> visit : visits) {
                visit.get(60, TimeUnit.SECONDS);
            }
            Eventually.holds(
                    "no stream is open",
                    // A container may lose a client that has just been upgraded; it is given up after 30 s.
                    Duration.ofSeconds(45),
                    () -> proxy().openStreams() == 0 && balancer().stats().openStreams() == 0);
            proxy().destroy();
        } finally {
            clients.shutdownNow();
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).doesNotContain("relaying", "could not be dealt with");
    }
}
