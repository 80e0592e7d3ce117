package dev.remora.netty;

import static dev.remora.EndRequest.Urgency.NOW;
import static dev.remora.EndRequest.Urgency.POLITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import dev.remora.http.CloseFrame;
import dev.remora.wire.Meanwhile;
import dev.remora.wire.Wire;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How WebSockets end when somebody wishes so. */
final class WebSocketGoodbyeTest extends GoodbyeFixture {

    private static final String CLOSE = text(new CloseFrame(1012, "drain").unmasked());
    private static final String ANSWER = text(new CloseFrame(1012, "").masked(0));
    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);

    private Wire client;
    private Wire server;

    private void open() throws Exception {
        open("websocket", "");
    }

    private void open(String protocol, String behindTheHead) throws Exception {
        start();
        client = client().send(upgradeTo(protocol));
        server = server();
        server.head();
        server.send(lines("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: " + protocol)
                + behindTheHead);
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void betweenTwoMessagesBothSidesAreTold() throws Exception {
        open("websocket", message("early"));
        client.text(7);
        server.send(message("hello"));
        assertThat(client.text(7)).isEqualTo(message("hello"));
        wish(POLITE);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        assertThat(maskedFrame(server)).as("the back end's close frame").isEqualTo(CLOSE);
        assertThat(outcomes).as("until the client has answered").isEmpty();
        client.send(ANSWER);
        assertThat(client.read()).as("an end, not a reset").isEqualTo(-1);
        assertThat(server.read()).isEqualTo(-1);
        client.close();
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(events.take()).as("whole messages of the back end").isEqualTo(2);
    }

    @Test
    void wishedTwiceIsSaidOnce() throws Exception {
        open();
        wish(POLITE);
        wish(POLITE);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        client.send(ANSWER);
        assertThat(client.rest()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void frameThatHasBegunIsFinished() throws Exception {
        open();
        String message = message("a long message");
        server.send(message.substring(0, 1));
        assertThat(client.text(1)).isEqualTo(message.substring(0, 1));
        wish(POLITE);
        server.send(message.substring(1) + message("never seen"));
        assertThat(client.text(message.length() - 1)).isEqualTo(message.substring(1));
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        client.send(ANSWER);
        assertThat(client.rest()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(events.take()).isEqualTo(1);
    }

    @Test
    void messageOfSeveralFramesIsFinished() throws Exception {
        open();
        server.send("\u0001\u0002he");
        client.text(4);
        wish(POLITE);
        String rest = "\u0089\u0001p" + "\u0000\u0001l" + "\u0080\u0001o";
        server.send(rest + message("never seen"));
        assertThat(client.text(rest.length())).isEqualTo(rest);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        client.send(ANSWER);
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void messageThatDoesNotEndInTimeIsClosedBetweenItsFrames() throws Exception {
        open();
        server.send("\u0001\u0002he");
        client.text(4);
        wish(POLITE);
        wish(NOW);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void frameThatDoesNotEndInTimeIsCut() throws Exception {
        open();
        server.send("\u0081\u0009half");
        client.text(6);
        wish(POLITE);
        wish(NOW);
        assertThat(client.read()).as("no close frame in the middle of another").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void clientThatNeverAnswersIsLeft() throws Exception {
        open();
        wish(POLITE);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        time.pass(ANSWER_TIME.dividedBy(2));
        client.send(clientMessage("no answer"));
        time.pass(ANSWER_TIME.dividedBy(2));
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void clientThatGoesInsteadOfAnAnswerIsEnough() throws Exception {
        open();
        wish(POLITE);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void clientsFrameThatHasBegunReachesTheBackEndBeforeItsGoodbye() throws Exception {
        open();
        String message = clientMessage("my last word");
        client.send(message.substring(0, 3));
        assertThat(server.text(3)).isEqualTo(message.substring(0, 3));
        wish(POLITE);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        client.send(message.substring(3) + clientMessage("too late") + ANSWER);
        assertThat(server.text(message.length() - 3)).isEqualTo(message.substring(3));
        assertThat(maskedFrame(server)).isEqualTo(CLOSE);
        assertThat(server.read()).isEqualTo(-1);
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void slowClientGetsWholeFramesAndThenTheGoodbye() throws Exception {
        open();
        String message = message("x".repeat(100));
        CompletableFuture<Void> sending = Meanwhile.run(() -> {
            byte[] burst = message.repeat(1000).getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; i < 400; i++) {
                server.send(burst);
            }
        });
        assertThat(client.text(message.length())).isEqualTo(message);
        wish(POLITE);
        String next = client.text(2);
        while (next.charAt(0) == '\u0081') {
            client.text(100);
            next = client.text(2);
        }
        assertThat(next + client.text(CLOSE.length() - 2)).isEqualTo(CLOSE);
        client.send(ANSWER);
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(sending.handle((sent, failure) -> true).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void slowClientGetsAllThoughItsBackEndHasGone() throws Exception {
        open();
        String message = message("x".repeat(100));
        CompletableFuture<Void> sending = Meanwhile.run(() -> {
            for (int i = 0; i < 100; i++) {
                server.send(message.repeat(1000).getBytes(StandardCharsets.ISO_8859_1));
            }
        });
        assertThat(client.text(message.length())).isEqualTo(message);
        wish(POLITE);
        assertThat(maskedFrame(server)).isEqualTo(CLOSE);
        server.close();
        // More than a stream that is cut gets for its last bytes, and more than an answer may take.
        time.pass(ANSWER_TIME.multipliedBy(3));
        String next = client.text(2);
        while (next.charAt(0) == '\u0081') {
            client.text(100);
            next = client.text(2);
        }
        assertThat(next + client.text(CLOSE.length() - 2)).isEqualTo(CLOSE);
        client.send(ANSWER);
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(sending.handle((sent, failure) -> true).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void clientWhoseHalfHasEndedNeedsNotAnswer() throws Exception {
        open();
        client.shutOutput();
        assertThat(server.read()).isEqualTo(-1);
        wish(POLITE);
        assertThat(client.rest()).isEqualTo(CLOSE);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void compressedFramesAreUnderstood() throws Exception {
        open("websocket\r\nSec-WebSocket-Extensions: permessage-deflate", "\u00c1\u0001x");
        assertThat(client.text(3)).isEqualTo("\u00c1\u0001x");
        wish(POLITE);
        assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
        client.send(ANSWER);
        assertThat(client.read()).isEqualTo(-1);
    }

    @Test
    void backEndThatClosesByItselfIsNotDisturbed() throws Exception {
        open();
        String close = text(new CloseFrame(1000, "bye").unmasked());
        server.send(close);
        assertThat(client.text(close.length())).isEqualTo(close);
        wish(POLITE);
        client.send(ANSWER);
        assertThat(server.text(ANSWER.length())).isEqualTo(ANSWER);
        server.close();
        assertThat(client.rest()).as("one close frame is enough").isEmpty();
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void clientThatClosesByItselfIsNotDisturbed() throws Exception {
        open();
        client.send(ANSWER);
        assertThat(server.text(ANSWER.length())).isEqualTo(ANSWER);
        wish(POLITE);
        String close = text(new CloseFrame(1000, "bye").unmasked());
        server.send(close);
        server.close();
        assertThat(client.rest()).isEqualTo(close);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void clientThatHasClosedGetsAllThatFollows() throws Exception {
        open();
        client.send(ANSWER);
        assertThat(server.text(ANSWER.length())).isEqualTo(ANSWER);
        getsAllThatFollows();
    }

    @Test
    void clientThatSendsNoFramesGetsAllThatFollows() throws Exception {
        open();
        client.send("\u00ffgarbage");
        assertThat(server.text(8)).isEqualTo("\u00ffgarbage");
        getsAllThatFollows();
    }

    // In one piece, so that it arrives as one.
    private void getsAllThatFollows() throws Exception {
        wish(POLITE);
        String burst = message("one") + message("two") + text(new CloseFrame(1000, "bye").unmasked());
        server.send(burst);
        server.close();
        assertThat(client.rest()).isEqualTo(burst);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void whatIsNoWebSocketPassesUntilItIsCut() throws Exception {
        open("websocket", "no frames at all");
        client.text(16);
        passesUntilItIsCut();
    }

    @Test
    void otherProtocolPassesUntilItIsCut() throws Exception {
        open("chat", message("looks like one"));
        client.text(16);
        passesUntilItIsCut();
    }

    private void passesUntilItIsCut() throws Exception {
        wish(POLITE);
        server.send("more");
        assertThat(client.text(4)).isEqualTo("more");
        client.send("and back");
        assertThat(server.text(8)).isEqualTo("and back");
        wish(NOW);
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void stoppingGatewaySays1001AndSpreadsIt() throws Exception {
        open();
        CompletableFuture<Void> stopped = gateway.stop(Duration.ofMinutes(1)).toCompletableFuture();
        time.pass(Duration.ofSeconds(48));
        String close = text(new CloseFrame(1001, "shutdown").unmasked());
        assertThat(client.text(close.length())).isEqualTo(close);
        client.send(ANSWER);
        assertThat(client.read()).isEqualTo(-1);
        client.close();
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        stopped.get(20, TimeUnit.SECONDS);
    }

    @Test
    void clientOfTheJdkHearsTheCode() throws Exception {
        start();
        CompletableFuture<String> heard = new CompletableFuture<>();
        CompletableFuture<WebSocket> opening = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + "/ws"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                        heard.complete(code + " " + reason);
                        return CompletableFuture.completedFuture(null);
                    }

                    @Override
                    public void onError(WebSocket socket, Throwable failure) {
                        heard.completeExceptionally(failure);
                    }
                });
        server = server();
        server.send(lines(
                "HTTP/1.1 101 Switching Protocols",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Accept: " + accept(server.head())));
        opening.get(20, TimeUnit.SECONDS).request(1);
        wish(POLITE);
        assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("1012 drain");
        assertThat(outcome()).as("it has answered").isEqualTo(Outcome.cancelled());
    }

    private static String accept(String request) throws Exception {
        Matcher key = Pattern.compile("(?i)sec-websocket-key: *(\\S+)").matcher(request);
        assertThat(key.find()).isTrue();
        byte[] told = (key.group(1) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-1").digest(told));
    }

    private static String upgradeTo(String protocol) {
        return lines("GET /ws HTTP/1.1", "Host: chat.test", "Connection: upgrade", "Upgrade: " + protocol);
    }

    private static String message(String payload) {
        return "\u0081" + (char) payload.length() + payload;
    }

    // Masked with nothing.
    private static String clientMessage(String payload) {
        return "\u0081" + (char) (0x80 | payload.length()) + "\0\0\0\0" + payload;
    }

    // As it would be without its mask.
    private static String maskedFrame(Wire wire) {
        String header = wire.text(2);
        int length = header.charAt(1) & 0x7f;
        String mask = wire.text(4);
        String payload = wire.text(length);
        StringBuilder plain = new StringBuilder().append(header.charAt(0)).append((char) length);
        for (int i = 0; i < length; i++) {
            plain.append((char) (payload.charAt(i) ^ mask.charAt(i % 4)));
        }
        return plain.toString();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
