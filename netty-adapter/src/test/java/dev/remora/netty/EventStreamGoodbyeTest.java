package dev.remora.netty;

import static dev.remora.EndRequest.Urgency.NOW;
import static dev.remora.EndRequest.Urgency.POLITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How event streams, and other answers, end when somebody wishes so. */
final class EventStreamGoodbyeTest extends GoodbyeFixture {

    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    private static final String EVENT = "id: 1\ndata: hello\n\n";
    private static final Pattern RETRY = Pattern.compile("retry: (\\d+)\n\n");

    private Wire client;
    private Wire server;

    private void open(String request, String... headers) throws Exception {
        client = client().send(request);
        server = server();
        server.head();
        server.text(request.endsWith("hi") ? 2 : 0);
        server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
        for (String header : headers) {
            server.send(header + "\r\n");
        }
        server.send("Transfer-Encoding: chunked\r\n\r\n");
        assertThat(client.head()).contains(" 200 ");
    }

    private void passes(String bytes) {
        send(bytes);
        assertThat(client.chunk()).isEqualTo(bytes);
    }

    private void send(String bytes) {
        server.send(Integer.toHexString(bytes.length()) + "\r\n" + bytes + "\r\n");
    }

    private void endsPolitely() throws Exception {
        Matcher retry = RETRY.matcher(client.chunked());
        assertThat(retry.matches())
                .as("a time to come back, then the last chunk")
                .isTrue();
        assertThat(Long.parseLong(retry.group(1)))
                .as("half to one and a half of what was wished")
                .isBetween(RETRY_AFTER.toMillis() / 2, RETRY_AFTER.toMillis() * 3 / 2);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(server.read()).as("the back end's connection is closed").isNegative();
    }

    private void isBroken() throws Exception {
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void betweenTwoEventsItEndsAtOnce() throws Exception {
        start();
        open(GET);
        passes(EVENT);
        wish(POLITE);
        endsPolitely();
        assertThat(events.take()).isEqualTo(1);
    }

    @Test
    void eventThatHasBegunIsFinishedAndNoneIsBegun() throws Exception {
        start();
        open(GET);
        passes(EVENT + "id: 2\r\nda");
        wish(POLITE);
        passes("ta: ha");
        send("lf\r\n\r\nid: 3\ndata: whole\n\nid: 4\ndata: cut");
        assertThat(client.chunk()).isEqualTo("lf\r\n\r\nid: 3\ndata: whole\n\n");
        endsPolitely();
        assertThat(events.take()).isEqualTo(3);
    }

    @Test
    void eventThatNeverEndsIsBroken() throws Exception {
        start();
        open(GET);
        passes(EVENT + "data: for ever");
        wish(POLITE);
        passes(" and ever\n");
        wish(NOW);
        isBroken();
    }

    @Test
    void streamThatGetsItsFirstIdAfterTheWishEndsThen() throws Exception {
        start();
        open(GET);
        passes("data: no id yet\n\n");
        wish(POLITE);
        passes("data: nor here\n\n");
        send(EVENT);
        assertThat(client.chunk()).isEqualTo(EVENT);
        endsPolitely();
    }

    @Test
    void streamThatBeginsAfterTheWishEndsAtItsFirstBoundary() throws Exception {
        start();
        client = client().send(GET);
        server = server();
        server.head();
        wish(POLITE);
        server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertThat(client.head()).containsIgnoringCase("connection: close");
        send(EVENT);
        assertThat(client.chunk()).isEqualTo(EVENT);
        endsPolitely();
        assertThat(client.read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {POST, "PUT / HTTP/1.1\r\nHost: a\r\n\r\n"})
    void answerThatIsGivenOnceRunsOnAndIsThenBroken(String request) throws Exception {
        start();
        open(request);
        runsOnAndIsThenBroken(EVENT);
    }

    @Test
    void compressedStreamRunsOnAndIsThenBroken() throws Exception {
        start();
        open(GET, "Content-Encoding: gzip");
        runsOnAndIsThenBroken(EVENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: no id\n\n", "id:\ndata: an empty id\n\n", ": no event\n\n"})
    void streamWhoseEventsCarryNoIdRunsOnAndIsThenBroken(String event) throws Exception {
        start();
        open(GET);
        runsOnAndIsThenBroken(event);
    }

    private void runsOnAndIsThenBroken(String event) throws Exception {
        passes(event);
        wish(POLITE);
        passes(event);
        wish(NOW);
        isBroken();
    }

    @Test
    void streamWithoutChunksIsReset() throws Exception {
        start();
        client = client().send("GET / HTTP/1.0\r\n\r\n");
        server = server();
        server.head();
        server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + EVENT);
        assertThat(client.head()).contains(" 200 ");
        assertThat(client.text(EVENT.length())).isEqualTo(EVENT);
        wish(POLITE);
        server.send(EVENT);
        assertThat(client.text(EVENT.length())).isEqualTo(EVENT);
        wish(NOW);
        assertThat(client.read()).as("a clean end would look complete").isEqualTo(-2);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void streamThatTheUserNamesMayEndWithoutAnId() throws Exception {
        start(server -> server.resumable(request -> request.header("x-resumes").isPresent()));
        open(POST.replace("Host", "X-Resumes: yes\r\nHost"));
        passes("data: hello\n\n");
        wish(POLITE);
        endsPolitely();
    }

    @Test
    void ruleThatThrowsIsA500() throws Exception {
        start(server -> server.resumable(request -> {
            throw new IllegalStateException("no rule");
        }));
        client = client().send(GET);
        server = server();
        server.head();
        server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + EVENT);
        assertThat(client.response()).startsWith("HTTP/1.1 500 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void nextAnswerOfTheConnectionIsItsLast() throws Exception {
        start();
        open(GET);
        passes(EVENT);
        wish(POLITE);
        endsPolitely();
        client.send(GET);
        server = server();
        server.head();
        server.send(OK);
        assertThat(client.response()).containsIgnoringCase("connection: close").endsWith("ok");
        assertThat(client.read()).isEqualTo(-1);
    }

    @Test
    void answerWhoseHeadWasNotSentIsTheLast() throws Exception {
        start();
        client = client().send(GET);
        server = server();
        server.head();
        wish(POLITE);
        server.send(OK);
        assertThat(client.response()).containsIgnoringCase("connection: close").endsWith("ok");
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void unansweredRequestIsToldToComeBack() throws Exception {
        start();
        client = client().send(GET);
        server = server();
        server.head();
        wish(NOW);
        assertThat(client.response()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after: 2\r\n");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void stoppingGatewayEndsStreamsOneAfterTheOther() throws Exception {
        start(server -> server.random(new Random(5)));
        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            open(GET);
            passes(EVENT);
            clients.add(client);
        }
        CompletableFuture<Void> stopped = gateway.stop(Duration.ofMinutes(1)).toCompletableFuture();
        time.pass(Duration.ofSeconds(24));
        for (int i = 0; i < 10; i++) {
            assertThat(outcome()).isEqualTo(Outcome.cancelled());
        }
        time.settle();
        assertThat(gateway.openStreams()).as("after half of the time").isBetween(10L, 30L);
        time.pass(Duration.ofSeconds(24));
        for (Wire each : clients) {
            assertThat(each.chunked()).matches("retry: \\d+\n\n");
            assertThat(each.read()).isEqualTo(-1);
            each.close();
        }
        stopped.get(20, TimeUnit.SECONDS);
    }
}
