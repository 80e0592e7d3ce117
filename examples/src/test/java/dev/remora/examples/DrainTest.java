package dev.remora.examples;

import static dev.remora.examples.demo.Chat.events;
import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.Status;
import dev.remora.Drain;
import dev.remora.Draining;
import dev.remora.examples.demo.Chat;
import dev.remora.examples.demo.TextMessages;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A back end is drained while it talks to everybody: answers are whole, WebSockets are told, the others notice nothing. */
@Timeout(120)
class DrainTest {

    private static final int ANSWERS = 30;
    private static final int SOCKETS = 12;
    private static final int TOKENS = 100;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void nothingIsLostWhenABackEndIsDrained() throws Exception {
        try (var gateway = OpenGateway.with(
                "--strategy", "round-robin", "--sticky", "none", "--tokens-per-second", "200", "--jitter", "0")) {
            List<Listener> sockets = new ArrayList<>();
            for (int i = 0; i < SOCKETS; i++) {
                sockets.add(Listener.open(client, gateway.uri()));
            }
            List<CompletableFuture<HttpResponse<Stream<String>>>> answers = IntStream.range(0, ANSWERS)
                    .mapToObj(i -> client.sendAsync(
                            question(gateway.uri(), "hi", ",\"stream\":true,\"max_tokens\":" + TOKENS),
                            BodyHandlers.ofLines()))
                    .toList();
            // All have begun: a part of them is being spoken by the one that goes.
            answers.forEach(CompletableFuture::join);

            Draining drain = gateway.balancer()
                    .drain(
                            "a",
                            Drain.softly(Duration.ZERO)
                                    .until(Duration.ofMinutes(1))
                                    .spread(Duration.ZERO));

            assertThat(drain.openStreams()).isPositive();
            for (var answer : answers) {
                String body = String.join("\n", answer.join().body().toList());
                assertThat(events(body))
                        .as("an answer runs to its end")
                        .hasSize(1 + TOKENS + 2)
                        .endsWith("[DONE]");
            }
            for (Listener socket : sockets) {
                if (socket.backend.equals("a")) {
                    assertThat(socket.messages.next()).isEqualTo(TextMessages.CLOSED);
                    assertThat(socket.messages.closeCode()).isEqualTo(1001);
                } else {
                    assertThat(socket.ask()).contains("turn 2 that I remember");
                }
            }
            drain.empty().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(gateway.stats().backends().get(0).openStreams()).isZero();
            assertThat(gateway.stats().backends().get(0).status()).isEqualTo(Status.DRAINING);
            assertThat(backends(gateway)).doesNotContain("a");
            assertThat(drain.cancel()).isTrue();
            assertThat(backends(gateway)).contains("a");
            sockets.forEach(Listener::close);
        }
    }

    private List<String> backends(OpenGateway gateway) {
        return IntStream.range(0, 6)
                .mapToObj(i -> Chat.send(client, question(gateway.uri(), "hi", ",\"max_tokens\":1")))
                .map(answer -> answer.headers().firstValue("X-Demo-Backend").orElseThrow())
                .toList();
    }

    /** A client with an idle WebSocket that knows who is at the other end. */
    private record Listener(WebSocket socket, TextMessages messages, String backend) {

        static Listener open(HttpClient client, URI gateway) throws InterruptedException {
            var messages = new TextMessages();
            String conversation = "c" + System.identityHashCode(messages);
            URI uri = URI.create(gateway.toString().replace("http", "ws") + "/ws?conversation=" + conversation);
            WebSocket socket =
                    client.newWebSocketBuilder().buildAsync(uri, messages).join();
            socket.sendText("one", true).join();
            String answer = messages.answer();
            int name = answer.indexOf("back end ") + "back end ".length();
            return new Listener(socket, messages, answer.substring(name, name + 1));
        }

        String ask() throws InterruptedException {
            socket.sendText("two", true).join();
            return messages.answer();
        }

        void close() {
            socket.abort();
        }
    }
}
