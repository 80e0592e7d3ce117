package dev.remora.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WebSocketChatTest {

    private final DemoBackend backend = new DemoBackend("a", new Pace(5_000, 0), 1);
    private final TextMessages messages = new TextMessages();

    @BeforeEach
    void start() {
        backend.start().join();
    }

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void answersEachQuestionInTurnAndRemembersTheConversation() throws Exception {
        WebSocket socket = connect(backend, "/ws?conversation=c1");

        socket.sendText("one", true).join();
        socket.sendText("two", true).join();

        assertThat(messages.answer()).contains("turn 1 that I remember").contains("\u201cone\u201d");
        assertThat(messages.answer()).contains("turn 2 that I remember").contains("\u201ctwo\u201d");
    }

    @Test
    void breaksWhenTheBackEndIsStopped() throws Exception {
        try (var slow = new DemoBackend("b", new Pace(100, 0), 1)) {
            slow.start().join();
            WebSocket socket = connect(slow, "/ws");
            socket.sendText("one", true).join();
            assertThat(messages.next()).isEqualTo("I");

            slow.stop().join();

            String last = messages.next();
            while (!last.equals(TextMessages.CLOSED)) {
                last = messages.next();
            }
        }
    }

    private WebSocket connect(DemoBackend to, String path) {
        URI uri = URI.create("ws://127.0.0.1:" + to.uri().getPort() + path);
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(uri, messages)
                .join();
    }
}
