package dev.remora.examples.demo;

import static dev.remora.examples.demo.Chat.events;
import static dev.remora.examples.demo.Chat.json;
import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class DemoBackendTest {

    private static final Pace FAST = new Pace(5_000, 0.5);

    private final HttpClient client = HttpClient.newHttpClient();
    private final DemoBackend backend = new DemoBackend("b", FAST, 7);

    @BeforeEach
    void start() {
        backend.start().join();
    }

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void streamsOneEventPerTokenAndEndsWithDone() {
        HttpResponse<String> response =
                send(question(backend.uri(), "hi", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream; charset=utf-8");
        assertThat(response.headers().firstValue("X-Demo-Backend")).hasValue("b");
        List<String> events = events(response.body());
        assertThat(json(events.get(0)).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
        assertThat(json(events.get(1)).at("/choices/0/delta/content").asText()).isEqualTo("I");
        assertThat(json(events.get(1)).path("object").asText()).isEqualTo("chat.completion.chunk");
        assertThat(json(events.get(1)).path("system_fingerprint").asText()).isEqualTo("b");
        assertThat(Chat.text(events)).startsWith("I am back end b").contains("\u201chi\u201d");
        JsonNode end = json(events.get(events.size() - 3));
        assertThat(end.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        JsonNode usage = json(events.get(events.size() - 2));
        assertThat(usage.path("choices")).isEmpty();
        assertThat(usage.at("/usage/completion_tokens").asInt())
                .as("all events but role, finish reason, usage and [DONE] are tokens")
                .isEqualTo(events.size() - 4);
        assertThat(events.get(events.size() - 1)).isEqualTo("[DONE]");
    }

    @Test
    void answersInOnePieceWhenNotStreamed() {
        HttpResponse<String> response = send(question(backend.uri(), "hi", ",\"model\":\"m\""));

        JsonNode answer = json(response.body());
        assertThat(answer.path("object").asText()).isEqualTo("chat.completion");
        assertThat(answer.path("model").asText()).isEqualTo("m");
        assertThat(answer.at("/choices/0/message/content").asText()).startsWith("I am back end b");
        assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(answer.at("/usage/total_tokens").asInt()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"max_tokens, 1", "max_tokens, 300", "max_completion_tokens, 17"})
    void speaksExactlyAsManyTokensAsAsked(String field, int tokens) {
        List<String> events = events(send(question(backend.uri(), "hi", ",\"stream\":true,\"" + field + "\":" + tokens))
                .body());

        assertThat(events).hasSize(1 + tokens + 2);
        assertThat(json(events.get(tokens + 1)).at("/choices/0/finish_reason").asText())
                .isEqualTo("length");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"messages\":[            | body: Unexpected end-of-input",
                "[]                         | body: not an object (expected: a JSON object)",
                "{}                         | messages: missing (expected: an array with at least one message)",
                "{\"messages\":[1],\"max_tokens\":0} | max_tokens: 0 (expected: 1 .. 100000)",
                "{\"messages\":[1],\"max_tokens\":\"x\"} | max_tokens: \"x\" (expected: 1 .. 100000)",
            })
    void malformedQuestionsGetAnOpenAiError(String body, String message) {
        HttpResponse<String> response =
                send(Chat.post(backend.uri(), "/v1/chat/completions", body).build());

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response.body()).at("/error/type").asText()).isEqualTo("invalid_request_error");
        assertThat(json(response.body()).at("/error/message").asText()).startsWith(message);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /healthz, 200",
        "HEAD, /healthz, 200",
        "GET, /v1/models, 200",
        "DELETE, /v1/models, 405",
        "GET, /x, 404"
    })
    void otherPaths(String method, String path, int status) {
        HttpRequest request = HttpRequest.newBuilder(backend.uri().resolve(path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();

        assertThat(send(request).statusCode()).isEqualTo(status);
    }

    @Test
    void quotesHalfASurrogatePairAsAQuestionMark() {
        String body =
                send(question(backend.uri(), "x\\ud83d", ",\"stream\":true")).body();

        assertThat(Chat.text(events(body))).contains("\u201cx?\u201d");
    }

    @Test
    void remembersConversationsUntilItIsStopped() {
        assertThat(answerIn("c1")).contains("turn 1 that I remember");
        assertThat(answerIn("c1")).contains("turn 2 that I remember");
        assertThat(answerIn("c2")).contains("turn 1 that I remember");

        URI before = backend.uri();
        backend.stop().join();
        backend.start().join();

        assertThat(backend.uri()).as("a restarted back end keeps its port").isEqualTo(before);
        assertThat(answerIn("c1")).as("its memory is gone").contains("turn 1 that I remember");
    }

    @Test
    void saysWhenOthersServedEarlierTurns() {
        String message = "{\"role\":\"user\",\"content\":\"x\"}";
        String body = "{\"user\":\"c\",\"messages\":[" + message + "," + message + "," + message + "]}";

        String answer = send(Chat.post(backend.uri(), "/v1/chat/completions", body)
                        .build())
                .body();

        assertThat(answer).contains("turn 1 that I remember").contains("You sent 2 turns along that I never saw");
    }

    @Test
    void stopBreaksOpenAnswersAndRefusesNewConnections() throws Exception {
        HttpRequest endless = question(backend.uri(), "hi", ",\"stream\":true,\"max_tokens\":100000");
        HttpResponse<InputStream> response = client.send(endless, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(body.read()).as("the answer has begun").isEqualTo('d');

            backend.stop().join();

            assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
        }
        assertThat(backend.running()).isFalse();
        assertThatThrownBy(() -> client.send(endless, BodyHandlers.ofString())).isInstanceOf(ConnectException.class);
    }

    @Test
    void startAndStopMayBeRepeatedWithoutWaiting() {
        for (int i = 0; i < 20; i++) {
            backend.stop();
            backend.start();
        }
        backend.start().join();
        assertThat(backend.running()).isTrue();
        backend.stop().join();
        backend.stop().join();
        assertThat(backend.running()).isFalse();
        backend.start().join();
        assertThat(send(question(backend.uri(), "hi", "")).statusCode()).isEqualTo(200);
    }

    @Test
    void stepsAreToldInTheirOrder() {
        var told = new CopyOnWriteArrayList<String>();
        CompletableFuture<Void> first = backend.stop().thenRun(() -> told.add("first"));
        backend.stop().thenRun(() -> told.add("second")).join();
        first.join();
        assertThat(told).containsExactly("first", "second");
    }

    @Test
    void anHttp10ClientReadsUntilTheConnectionEnds() throws IOException {
        String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stream\":true,\"max_tokens\":3}";
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), backend.uri().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/chat/completions HTTP/1.0\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                    .getBytes(StandardCharsets.US_ASCII));

            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).endsWith("data: [DONE]\n\n").doesNotContainIgnoringCase("transfer-encoding");
        }
    }

    // On a connection of its own: a client may take one that the stop has closed for open, and asks a POST once only.
    private String answerIn(String conversation) {
        HttpRequest question = question(backend.uri(), "hi", ",\"user\":\"" + conversation + "\"");
        return Chat.send(HttpClient.newHttpClient(), question).body();
    }

    private HttpResponse<String> send(HttpRequest request) {
        return Chat.send(client, request);
    }
}
