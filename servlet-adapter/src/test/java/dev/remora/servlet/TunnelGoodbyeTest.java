package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Drain;
import dev.remora.exchange.Outcome;
import dev.remora.http.CloseFrame;
import dev.remora.wire.Wire;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How tunnels end when somebody wishes so. */
class TunnelGoodbyeTest extends TunnelFixture {

    private static final Drain POLITELY = Drain.softly(Duration.ZERO)
            .until(Duration.ofHours(1))
            .spread(Duration.ZERO)
            .closeCode(1012);
    private static final Drain NOW =
            Drain.softly(Duration.ZERO).until(Duration.ZERO).closeCode(1012);
    private static final String CLOSE = text(new CloseFrame(1012, "drain").unmasked());
    private static final String ANSWER = text(new CloseFrame(1012, "").masked(0));

    private Wire client;
    private Wire server;

    @BeforeEach
    void start() throws Exception {
        gateway(patient("a"));
    }

    private void open(String protocol) throws Exception {
        client = client().send(upgradeTo(protocol));
        server = server();
        server.head();
        server.send(switchingTo(protocol) + "\u0081\u0005first");
        client.head();
        assertThat(client.text(7)).as("bytes flow").isEqualTo("\u0081\u0005first");
    }

    private void wish(Drain plan) {
        balancer.drain("a", plan);
    }

    @Test
    void webSocketIsClosedBetweenTwoMessages() throws Exception {
        open("websocket");
        wish(POLITELY);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        assertThat(server.text(2)).as("the back end's close frame").startsWith("\u0088");
        assertThat(outcomes.isEmpty()).as("until the client has answered").isTrue();
        client.send(ANSWER);
        assertThat(client.read()).as("an end, not a reset").isEqualTo(-1);
        client.close();
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void messageThatHasBegunIsFinished() throws Exception {
        open("websocket");
        String beginning = "\u0001\u0002he";
        String end = "\u0080\u0003llo";
        server.send(beginning);
        wish(POLITELY);
        String next = client.text(4);
        while (!next.equals(CLOSE.substring(0, 4))) {
            assertThat(next).isEqualTo(beginning);
            server.send(end + beginning);
            assertThat(client.text(5)).isEqualTo(end);
            next = client.text(4);
        }
        client.text(CLOSE.length() - 4);
        client.send(ANSWER);
        assertThat(client.rest()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void clientsFrameThatHasBegunReachesTheBackEndBeforeItsGoodbye() throws Exception {
        open("websocket");
        String message = "\u0081\u0082\0\0\0\0hi";
        client.send(message.substring(0, 3));
        assertThat(server.text(3)).isEqualTo(message.substring(0, 3));
        wish(POLITELY);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        client.send(message.substring(3) + message + ANSWER);
        assertThat(server.text(message.length() - 3)).isEqualTo(message.substring(3));
        assertThat(server.text(2)).startsWith("\u0088");
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void messageThatDoesNotEndInTimeIsClosedBetweenItsFrames() throws Exception {
        open("websocket");
        server.send("\u0001\u0002he");
        client.text(4);
        wish(NOW);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void clientThatGoesInsteadOfAnAnswerIsEnough() throws Exception {
        open("websocket");
        wish(POLITELY);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void otherProtocolPassesUntilItIsCut() throws Exception {
        open("chat");
        wish(POLITELY);
        server.send("more");
        assertThat(client.text(4)).isEqualTo("more");
        wish(NOW);
        assertThat(client.read()).isNegative();
        assertThat(server.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void backEndThatClosesByItselfIsNotDisturbed() throws Exception {
        open("websocket");
        String close = text(new CloseFrame(1000, "bye").unmasked());
        server.send(close);
        assertThat(client.text(close.length())).isEqualTo(close);
        wish(POLITELY);
        client.send(ANSWER);
        assertThat(server.text(ANSWER.length())).isEqualTo(ANSWER);
        server.close();
        assertThat(client.rest()).as("one close frame is enough").isEmpty();
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void clientOfTheJdkTalksAndHearsTheCode() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        CompletableFuture<WebSocket> opening = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + container.port() + "/ws"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                        heard.add(data.toString());
                        socket.request(1);
                        return CompletableFuture.completedFuture(null);
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                        heard.add(code + " " + reason);
                        return CompletableFuture.completedFuture(null);
                    }

                    @Override
                    public void onError(WebSocket socket, Throwable failure) {
                        heard.add(failure.toString());
                    }
                });
        server = server();
        server.send(lines(
                "HTTP/1.1 101 Switching Protocols",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Accept: " + accept(server.head())));
        WebSocket socket = opening.get(20, TimeUnit.SECONDS);
        server.send("\u0081\u0005hello");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
        socket.sendText("hi", true).get(20, TimeUnit.SECONDS);
        assertThat(server.text(8)).as("a masked message").startsWith("\u0081\u0082");
        wish(POLITELY);
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("1012 drain");
        assertThat(outcome()).as("it has answered").isEqualTo(Outcome.cancelled());
    }

    private static String accept(String request) throws Exception {
        Matcher key = Pattern.compile("(?i)sec-websocket-key: *(\\S+)").matcher(request);
        assertThat(key.find()).isTrue();
        byte[] told = (key.group(1) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-1").digest(told));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
