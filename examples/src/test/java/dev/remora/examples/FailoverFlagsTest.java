package dev.remora.examples;

import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.remora.BalancerStats.BackendStats;
import dev.remora.BalancerStats.Status;
import dev.remora.examples.demo.Chat;
import dev.remora.examples.demo.DemoBackend;
import dev.remora.examples.demo.Pace;
import dev.remora.examples.demo.TextMessages;
import dev.remora.wire.Meanwhile;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the flags for bad times do. */
@Timeout(120)
class FailoverFlagsTest {

    private static final String ENDLESS = ",\"stream\":true,\"max_tokens\":100000";
    private static final String BRIEF = ",\"max_tokens\":1";

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "--outliers, 500, 5",
        "--outliers --fail-status 471, 471, 5",
        "--fail-status 471, 471, 1",
        "--fail-status 471 --max-fails 3, 471, 3"
    })
    void failingAnswersMakeABackEndUnfit(String flags, int status, int answers) throws Exception {
        try (var bad = new Answering(status);
                var good = new Answering(200);
                var gateway = OpenGateway.with(("--sticky none --strategy round-robin --backend bad=" + bad.uri()
                                + " --backend good=" + good.uri() + " " + flags)
                        .split(" "))) {
            HttpRequest request = HttpRequest.newBuilder(gateway.uri()).build();
            long failed = 0;
            while (status(gateway, 0) == Status.READY) {
                failed += Chat.send(client, request).statusCode() == status ? 1 : 0;
                assertThat(failed).isLessThanOrEqualTo(answers);
            }

            assertThat(failed).isEqualTo(answers);
            assertThat(status(gateway, 0)).isEqualTo(Status.UNFIT);
            assertThat(Chat.send(client, request).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aNewBackEndStartsSlowly() throws Exception {
        try (var one = new Answering(200);
                var other = new Answering(200)) {
            Path file = Files.writeString(folder.resolve("backends.json"), list("a", one.uri()));
            try (var gateway = OpenGateway.with("--backends-file", file.toString(), "--slow-start", "1h")) {
                assertThat(status(gateway, 0)).isEqualTo(Status.READY);

                Files.writeString(file, list("a", one.uri()).replace("]", "," + member("b", other.uri()) + "]"));
                while (gateway.stats().backends().size() < 2) {
                    get(gateway.uri());
                }

                assertThat(status(gateway, 1)).isEqualTo(Status.WARMING);
                assertThat(gateway.stats().backends().get(1).weight()).isLessThan(0.2);
            }
        }
    }

    @Test
    void anAgentMayDrainItsBackEnd() throws Exception {
        CompletableFuture<Void> speaking;
        try (var backend = new Answering(200);
                var agent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            speaking = Meanwhile.run(() -> say(agent, "drain\n"));
            try (var gateway = OpenGateway.with(
                    "--backend",
                    "a=" + backend.uri(),
                    "--probe-agent-port",
                    String.valueOf(agent.getLocalPort()),
                    "--health-interval",
                    "20ms")) {
                while (status(gateway, 0) != Status.DRAINING) {
                    get(gateway.uri());
                }
                assertThat(get(gateway.uri()).statusCode())
                        .as("nobody is tied to it, and there is no other")
                        .isEqualTo(503);
            }
        }
        speaking.join();
    }

    @Test
    void aRequestWaitsForAPlace() throws Exception {
        try (var only = new DemoBackend("a", new Pace(5_000, 0), 1)) {
            only.start().join();
            try (var gateway = OpenGateway.with(
                    ("--max-streams 1 --wait 1m --max-waiting 1 --sticky none --backend a=" + only.uri()).split(" "))) {
                InputStream open = send(question(gateway.uri(), "hi", ENDLESS)).body();
                CompletableFuture<HttpResponse<String>> waiting =
                        client.sendAsync(question(gateway.uri(), "hi", BRIEF), BodyHandlers.ofString());
                while (gateway.stats().waiting() == 0) {
                    Thread.onSpinWait();
                }

                assertThat(Chat.send(client, question(gateway.uri(), "hi", BRIEF))
                                .statusCode())
                        .as("one waits already")
                        .isEqualTo(503);
                open.close();

                assertThat(waiting.join().statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void aWebSocketEndsBeforeItIsOlder() throws Exception {
        try (var gateway = OpenGateway.with("--max-stream-age", "200ms")) {
            var messages = new TextMessages();
            URI uri = URI.create(gateway.uri().toString().replace("http", "ws") + "/ws");
            client.newWebSocketBuilder().buildAsync(uri, messages).join();

            assertThat(messages.next()).isEqualTo(TextMessages.CLOSED);
            assertThat(messages.closeCode()).isEqualTo(1001);
        }
    }

    @Test
    void everybodyIsServedForTheGrace() throws Exception {
        Thread stopping;
        try (var gateway = OpenGateway.with("--tokens-per-second", "5000")) {
            stopping = new Thread(() -> gateway.running().stop(Duration.ofHours(1), Duration.ofHours(1)));
            stopping.start();
            while (stopping.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }

            assertThat(send(question(gateway.uri(), "hi", BRIEF)).statusCode()).isEqualTo(200);
        }
        stopping.join();
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, BodyHandlers.ofInputStream());
    }

    private HttpResponse<String> get(URI uri) {
        return Chat.send(client, HttpRequest.newBuilder(uri).build());
    }

    private static Status status(OpenGateway gateway, int index) {
        BackendStats stats = gateway.stats().backends().get(index);
        return stats.status();
    }

    private static String list(String name, URI uri) {
        return "{\"backends\":[" + member(name, uri) + "]}";
    }

    private static String member(String name, URI uri) {
        return "{\"id\":\"" + name + "\",\"uri\":\"" + uri + "\"}";
    }

    private static void say(ServerSocket agent, String line) {
        while (!agent.isClosed()) {
            try (Socket asked = agent.accept()) {
                asked.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // Closed by the test, or by who asked.
            }
        }
    }

    /** A back end that answers everything with one status. */
    private static final class Answering implements AutoCloseable {

        private final HttpServer server;

        Answering(int status) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(status, -1);
                exchange.close();
            });
            server.start();
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
