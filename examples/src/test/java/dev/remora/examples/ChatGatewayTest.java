package dev.remora.examples;

import static dev.remora.examples.demo.Chat.events;
import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.examples.demo.Chat;
import dev.remora.examples.demo.DemoBackend;
import dev.remora.examples.demo.Pace;
import dev.remora.examples.demo.TextMessages;
import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole example, asked by the JDK's client. */
@Timeout(120)
class ChatGatewayTest {

    private static final String STREAMED = ",\"stream\":true,\"user\":\"me\"";

    @TempDir
    Path folder;

    @Test
    void aClientWithACookieJarStaysOnItsBackEnd() throws Exception {
        try (var gateway = OpenGateway.with("--tokens-per-second", "5000")) {
            HttpClient browser =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

            List<HttpResponse<String>> answers = IntStream.range(0, 6)
                    .mapToObj(turn -> Chat.send(browser, question(gateway.uri(), "hi", STREAMED)))
                    .toList();

            assertThat(answers).extracting(ChatGatewayTest::backend).containsOnly(backend(answers.get(0)));
            assertThat(answers)
                    .allSatisfy(answer -> assertThat(events(answer.body())).endsWith("[DONE]"));
            assertThat(answers.get(5).headers().firstValue("X-Accel-Buffering")).hasValue("no");
            assertThat(Chat.text(events(answers.get(5).body()))).contains("this is turn 6 that I remember");
        }
    }

    @Test
    void clientsWithoutCookiesAreSpread() throws Exception {
        try (var gateway = OpenGateway.with("--tokens-per-second", "5000", "--strategy", "round-robin")) {
            assertThat(backendsOf(gateway, 6)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void aStreamBreaksVisiblyWhenItsBackEndDiesAndTheClientMovesAndStays() throws Exception {
        try (var gateway = OpenGateway.with()) {
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
        try (var gateway = OpenGateway.with("--tokens-per-second", "5000")) {
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
        try (var demo = OpenGateway.with()) {
            assertThat(get(demo.uri().resolve("/")).body()).contains("<title>Remora");
            assertThat(get(demo.uri().resolve("/demo/state")).body()).contains("\"openStreams\":0");

            try (var real = OpenGateway.with("--backend", "x=" + demo.demo("a").uri())) {
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
        try (var gateway = OpenGateway.with()) {
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
        try (var gateway = OpenGateway.with("--tokens-per-second", "5000", "--sticky", sticky)) {
            assertThat(backendsOf(gateway, 8)).hasSize(1);
        }
    }

    @Test
    void aHashNeedsNoMemory() throws Exception {
        String[] flags = {"--tokens-per-second", "5000", "--sticky", "header=X-Session", "--strategy", "rendezvous-hash"
        };
        try (var one = OpenGateway.with(flags);
                var other = OpenGateway.with(flags)) {
            assertThat(backendsOf(one, 8)).hasSize(1).isEqualTo(backendsOf(other, 8));
        }
    }

    @Test
    void gatewaysThatShareAKeyFileShareTheirClients() throws Exception {
        Path key =
                Files.write(folder.resolve("key"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        try (var a = new DemoBackend("a", new Pace(5_000, 0), 1);
                var b = new DemoBackend("b", new Pace(5_000, 0), 1)) {
            a.start().join();
            b.start().join();
            String[] flags = {
                "--backend",
                "a=" + a.uri(),
                "--backend",
                "b=" + b.uri() + ",weight=3",
                "--cookie-key-file",
                key.toString()
            };
            // Cookies know no ports: one jar serves both gateways, as it would behind one name.
            HttpClient browser =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
            try (var one = OpenGateway.with(flags);
                    var other = OpenGateway.with(flags)) {
                var seen = new TreeSet<String>();
                for (int i = 0; i < 10; i++) {
                    seen.add(backend(Chat.send(browser, question(one.uri(), "hi", ",\"max_tokens\":1"))));
                    seen.add(backend(Chat.send(browser, question(other.uri(), "hi", ",\"max_tokens\":1"))));
                }
                assertThat(seen).hasSize(1);
            }
        }
    }

    @Test
    void aGracefulStopLetsAnAnswerFinish() throws Exception {
        try (var gateway = OpenGateway.with("--tokens-per-second", "200")) {
            HttpRequest request = question(gateway.uri(), "hi", ",\"stream\":true,\"max_tokens\":60");
            HttpResponse<InputStream> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());

            var stopping = new Thread(() -> gateway.running().stop(java.time.Duration.ofMinutes(1)));
            stopping.start();
            String body = new String(response.body().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

            assertThat(events(body)).hasSize(1 + 60 + 2).endsWith("[DONE]");
            stopping.join();
        }
    }

    private static Set<String> backendsOf(OpenGateway gateway, int requests) {
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

    private static String backend(HttpResponse<?> response) {
        return response.headers().firstValue("X-Demo-Backend").orElse("none");
    }
}
