package dev.remora.examples;

import static dev.remora.examples.demo.Chat.events;
import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.examples.demo.Chat;
import dev.remora.examples.demo.TextMessages;
import dev.remora.wire.Certificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a gateway does, whatever server it has: the whole example, asked by the JDK's client. */
@Timeout(120)
abstract class GatewayContract {

    private static final String STREAMED = ",\"stream\":true,\"user\":\"me\"";

    @TempDir
    Path folder;

    private final List<String> command;

    /** @param command its name, and flags that say which */
    GatewayContract(String... command) {
        this.command = List.of(command);
    }

    final OpenGateway open(String... flags) throws CommandFailed {
        return OpenGateway.of(command, flags);
    }

    @Test
    void aClientWithACookieJarStaysOnItsBackEnd() throws Exception {
        try (var gateway = open("--tokens-per-second", "5000")) {
            HttpClient browser =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

            List<HttpResponse<String>> answers = IntStream.range(0, 6)
                    .mapToObj(turn -> Chat.send(browser, question(gateway.uri(), "hi", STREAMED)))
                    .toList();

            assertThat(answers).extracting(GatewayContract::backend).containsOnly(backend(answers.get(0)));
            assertThat(answers)
                    .allSatisfy(answer -> assertThat(events(answer.body())).endsWith("[DONE]"));
            assertThat(answers.get(5).headers().firstValue("X-Accel-Buffering")).hasValue("no");
            assertThat(Chat.text(events(answers.get(5).body()))).contains("this is turn 6 that I remember");
        }
    }

    @Test
    void clientsWithoutCookiesAreSpread() throws Exception {
        try (var gateway = open("--tokens-per-second", "5000", "--strategy", "round-robin")) {
            assertThat(backendsOf(gateway, 6)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void aStreamBreaksVisiblyWhenItsBackEndDiesAndTheClientMovesAndStays() throws Exception {
        try (var gateway = open()) {
            HttpClient browser =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
            HttpRequest endless = question(gateway.uri(), "hi", ",\"stream\":true,\"max_tokens\":100000");
            HttpResponse<InputStream> first = browser.send(endless, BodyHandlers.ofInputStream());
            try (InputStream body = first.body()) {
                assertThat(body.read()).isEqualTo('d');

                gateway.demo(backend(first)).stop().join();

                assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
            }
            HttpRequest brief = question(gateway.uri(), "hi", ",\"max_tokens\":2");
            String second = backend(Chat.send(browser, brief));
            assertThat(second).isNotEqualTo(backend(first));
            gateway.demo(backend(first)).start().join();
            assertThat(backend(Chat.send(browser, brief))).isEqualTo(second);
        }
    }

    @Test
    void aWebSocketChatsThroughTheGatewayAndFindsItsBackEndAgain() throws Exception {
        try (var gateway = open("--tokens-per-second", "5000")) {
            HttpClient browser =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
            var messages = new TextMessages();
            URI uri = URI.create(gateway.uri().toString().replace("http", "ws") + "/ws?conversation=c");

            WebSocket socket =
                    browser.newWebSocketBuilder().buildAsync(uri, messages).join();
            socket.sendText("one", true).join();
            String one = messages.answer();
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertThat(messages.next()).isEqualTo(TextMessages.CLOSED);
            WebSocket again =
                    browser.newWebSocketBuilder().buildAsync(uri, messages).join();
            again.sendText("two", true).join();
            String two = messages.answer();
            again.abort();

            assertThat(one).contains("and this is turn 1 that I remember");
            assertThat(two).as("the same back end, which remembers").contains("and this is turn 2 that I remember");
        }
    }

    @Test
    void thePageIsServedInTheDemoOnly() throws Exception {
        try (var demo = open()) {
            assertThat(get(demo.uri().resolve("/")).body()).contains("<title>Remora");
            assertThat(get(demo.uri().resolve("/demo/state")).body()).contains("\"openStreams\":0");

            try (var real = open("--backend", "x=" + demo.demo("a").uri())) {
                assertThat(get(real.uri().resolve("/")).statusCode())
                        .as("every path is relayed")
                        .isEqualTo(404);
                assertThat(get(real.uri().resolve("/demo/state")).body()).contains("unknown");
                assertThat(get(real.uri().resolve("/healthz")).body()).isEqualTo("ok\n");
            }
        }
    }

    @Test
    void thePagesStopButtonStopsABackEnd() throws Exception {
        try (var gateway = open()) {
            URI stop = gateway.uri().resolve("/demo/backends/b/stop");
            HttpRequest.Builder request = HttpRequest.newBuilder(stop).POST(HttpRequest.BodyPublishers.ofString("{}"));
            HttpClient client = HttpClient.newHttpClient();

            assertThat(Chat.send(client, request.build()).statusCode()).isEqualTo(403);
            assertThat(gateway.demo("b").running()).isTrue();
            request.header("X-Remora-Demo", "1");
            assertThat(Chat.send(client, request.build()).body()).contains("\"running\":false");
            assertThat(gateway.demo("b").running()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ip", "header=X-Session"})
    void clientsStickByWhatTheFlagSays(String sticky) throws Exception {
        try (var gateway = open("--tokens-per-second", "5000", "--sticky", sticky)) {
            assertThat(backendsOf(gateway, 8)).hasSize(1);
        }
    }

    @Test
    void aGracefulStopLetsAnAnswerFinish() throws Exception {
        try (var gateway = open("--tokens-per-second", "200")) {
            HttpRequest request = question(gateway.uri(), "hi", ",\"stream\":true,\"max_tokens\":60");
            HttpResponse<InputStream> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());

            var stopping = new Thread(() -> gateway.running().stop(Duration.ofMinutes(1)));
            stopping.start();
            String body = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(events(body)).hasSize(1 + 60 + 2).endsWith("[DONE]");
            stopping.join();
        }
    }

    @Test
    void aGracefulStopSaysGoodbyeToAWebSocket() throws Exception {
        try (var gateway = open()) {
            var messages = new TextMessages();
            URI uri = URI.create(gateway.uri().toString().replace("http", "ws") + "/ws");
            HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(uri, messages)
                    .join();

            gateway.running().stop(Duration.ofSeconds(1));

            assertThat(messages.next()).isEqualTo(TextMessages.CLOSED);
            assertThat(messages.closeCode()).isEqualTo(1001);
        }
    }

    @Test
    void anIdleConnectionIsClosedAndASilentStreamIsNot() throws Exception {
        try (var gateway = open("--client-idle-timeout", "300ms", "--tokens-per-second", "1.5", "--jitter", "0");
                var idle = new Socket(
                        InetAddress.getLoopbackAddress(), gateway.uri().getPort())) {
            idle.setSoTimeout(30_000);
            idle.getOutputStream()
                    .write("GET /demo/state HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            HttpRequest request = question(gateway.uri(), "hi", ",\"stream\":true,\"max_tokens\":3");

            HttpResponse<String> answer = Chat.send(HttpClient.newHttpClient(), request);

            assertThat(events(answer.body())).hasSize(1 + 3 + 2).endsWith("[DONE]");
            assertThat(new String(idle.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void whatAPathSaysIsTheBackEndsToJudge() throws Exception {
        try (var gateway = open()) {
            URI model = URI.create(gateway.uri() + "/v1/models/org%2Fsmall%20model?x=%2F");

            assertThat(get(model).body()).contains("/v1/models/org/small model: unknown");
        }
    }

    @Test
    void aGatewayWithACertificateCanStandBehindOneThatTrustsIt() throws Exception {
        Certificates identity = Certificates.forNames(folder, "ip:127.0.0.1");
        try (var inner = open(showing(identity));
                var outer = open(
                        "--backend",
                        "inner=" + inner.uri(),
                        "--backend-ca",
                        identity.certificate().toString())) {
            assertThat(inner.uri()).hasScheme("https");

            HttpResponse<String> answer = Chat.send(
                    HttpClient.newHttpClient(), question(outer.uri(), "hi", ",\"stream\":true,\"max_tokens\":5"));

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(events(answer.body())).hasSize(1 + 5 + 2).endsWith("[DONE]");
        }
    }

    @Test
    void aPortInUseIsToldInOneLineAndExitsOne() throws Exception {
        try (var first = open()) {
            String port = String.valueOf(first.uri().getPort());
            var arguments = new ArrayList<>(command);
            arguments.addAll(List.of("--port", port));

            CommandRun run = CommandRun.of(arguments.toArray(String[]::new));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err().lines())
                    .singleElement()
                    .asString()
                    .contains(port)
                    .contains("in use");
        }
    }

    /** What a gateway is told so that it shows a certificate. */
    static String[] showing(Certificates identity) {
        return new String[] {
            "--tls-cert",
            identity.certificate().toString(),
            "--tls-key",
            identity.key().toString()
        };
    }

    static Set<String> backendsOf(OpenGateway gateway, int requests) {
        HttpClient client = HttpClient.newHttpClient();
        var backends = new TreeSet<String>();
        for (int i = 0; i < requests; i++) {
            HttpRequest question = Chat.post(
                            gateway.uri(), "/v1/chat/completions", "{\"messages\":[{}],\"max_tokens\":1}")
                    .header("X-Session", "s1")
                    .build();
            backends.add(backend(Chat.send(client, question)));
        }
        return backends;
    }

    private static HttpResponse<String> get(URI uri) {
        return Chat.send(HttpClient.newHttpClient(), HttpRequest.newBuilder(uri).build());
    }

    static String backend(HttpResponse<?> response) {
        return response.headers().firstValue("X-Demo-Backend").orElse("none");
    }
}
