package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.strategy.Picker;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.SeenGuard;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A guard that wants to see what a request says before a back end does. */
final class SeenBodyTest extends GatewayFixture {

    private static final String CHUNKED = lines("POST /chat HTTP/1.1", "Host: chat.test", "Transfer-Encoding: chunked");

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

    private final SeenGuard guard = new SeenGuard();
    private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    private ScriptedBackend backend;

    private static String head(int length, String... more) {
        return "POST /chat HTTP/1.1\r\nHost: chat.test\r\n" + String.join("", more) + "Content-Length: " + length
                + "\r\n\r\n";
    }

    /** A back end that tells what arrives, in front of it a guard that wants to see so much. */
    private void start(int wantedBytes) {
        start(wantedBytes, Long.MAX_VALUE);
    }

    private void start(int wantedBytes, long maxBytes) {
        guard.wantedBytes = wantedBytes;
        backend = answering("a", server -> {
            String head = server.head();
            arrived.add(head);
            arrived.add(body(server, head));
            server.send(OK);
        });
        gateway(settings -> settings.guard(guard), server -> server.maxRequestBodyBytes(maxBytes), backend);
    }

    private static String body(Wire server, String head) {
        if (head.contains("chunked")) {
            return server.chunked();
        }
        Matcher length = LENGTH.matcher(head);
        return length.find() ? server.text(Integer.parseInt(length.group(1))) : "";
    }

    private void nothingHasArrived() throws InterruptedException {
        time.settle();
        assertThat(backend.connections()).isZero();
    }

    @AfterEach
    void permitsAreGivenBack() {
        eventually("no permits held", () -> guard.held.get() == 0);
    }

    @Test
    void bodyIsHeldBackUntilEnoughOfItWasSeen() throws Exception {
        start(5);
        Wire client = client().send(head(10) + "0123");
        nothingHasArrived();
        client.send("4567");
        assertThat(guard.bodies.take()).isEqualTo("01234");
        client.send("89");
        assertThat(client.response()).endsWith("ok");
        arrived.take();
        assertThat(arrived.take()).isEqualTo("0123456789");
        assertThat(guard.bodies).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void shorterBodyIsSeenWhole() throws Exception {
        start(1000);
        Wire client = client();
        assertThat(client.send(head(4) + "0123").response()).endsWith("ok");
        assertThat(guard.bodies.take()).isEqualTo("0123");
        arrived.take();
        assertThat(arrived.take()).isEqualTo("0123");
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(guard.bodies.take()).isEmpty();
    }

    @Test
    void chunksAndTrailersArriveAsTheyWere() throws Exception {
        start(100_000);
        StringBuilder body = new StringBuilder();
        StringBuilder chunks = new StringBuilder(CHUNKED);
        for (int i = 0; i < 20_000; i++) {
            char c = (char) ('a' + i % 26);
            body.append(c);
            chunks.append("1\r\n").append(c).append("\r\n");
        }
        Wire client = client().send(chunks.toString());
        nothingHasArrived();
        client.send(lines("0", "x-sum: 5"));
        assertThat(client.response()).endsWith("ok");
        assertThat(guard.bodies.take()).isEqualTo(body.toString());
        arrived.take();
        assertThat(arrived.take()).isEqualTo(body + "|x-sum: 5");
    }

    @Test
    void largeBodyFlowsOnBehindWhatWasSeen() throws Exception {
        start(300_000);
        String body = "0123456789".repeat(200_000);
        assertThat(client().send(head(body.length()) + body).response()).endsWith("ok");
        assertThat(guard.bodies.take()).isEqualTo(body.substring(0, 300_000));
        arrived.take();
        assertThat(arrived.take().equals(body)).isTrue();
    }

    @Test
    void bodyThatIsForbiddenReachesNobody() throws Exception {
        start(100);
        guard.forbidden = "secret";
        Wire client = client();
        assertThat(client.send(head(6) + "secret").response()).startsWith("HTTP/1.1 403 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        nothingHasArrived();
        assertThat(client.send(head(2) + "ok").response()).as("the next one").endsWith("ok");
    }

    @Test
    void forbiddenBodyThatIsFarFromAllThereClosesTheConnection() throws Exception {
        start(6);
        guard.forbidden = "secret";
        assertThat(client().send(head(100_000) + "secret").rest())
                .startsWith("HTTP/1.1 403 ")
                .containsIgnoringCase("connection: close");
        nothingHasArrived();
    }

    @Test
    void clientThatWaitsIsToldToGoOn() throws Exception {
        start(100);
        Wire client = client().send(head(4, "Expect: 100-continue\r\n"));
        assertThat(client.head()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        nothingHasArrived();
        assertThat(client.send("0123").response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        assertThat(arrived.take()).doesNotContainIgnoringCase("expect");
        assertThat(arrived.take()).isEqualTo("0123");
        assertThat(client.send(head(2) + "ok").response()).as("the next one").endsWith("ok");
    }

    @Test
    void nextBackEndGetsItUnseen() throws Exception {
        guard.wantedBytes = 4;
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.text(10);
            server.reset();
        });
        ScriptedBackend b = answering("b", server -> {
            server.head();
            arrived.add(server.text(10));
            server.send(OK);
        });
        gateway(
                settings -> settings.guard(guard)
                        .strategy(
                                snapshot -> context -> context.eligible(0) ? 0 : context.eligible(1) ? 1 : Picker.NONE),
                server -> server.replayBodies(100),
                a,
                b);
        assertThat(client().send(head(10) + "0123456789").response()).endsWith("ok");
        assertThat(guard.bodies.take()).isEqualTo("0123");
        assertThat(guard.bodies).as("shown once").isEmpty();
        assertThat(arrived.take()).isEqualTo("0123456789");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void silentClientIsNotWaitedForForEver() throws Exception {
        start(100);
        Wire client = client().send(head(10) + "01");
        eventually("the request waits", () -> balancer().stats().openStreams() == 1);
        time.settle();
        time.pass(Duration.ofSeconds(59));
        client.send("2");
        time.settle();
        time.pass(Duration.ofSeconds(61));
        assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        nothingHasArrived();
    }

    @Test
    void slowClientThatGoesOnIsWaitedFor() throws Exception {
        start(100_000);
        Wire client = client().send(head(100_000));
        eventually("the request waits", () -> balancer().stats().openStreams() == 1);
        for (int i = 0; i < 5; i++) {
            time.settle();
            time.pass(Duration.ofSeconds(25));
            client.send("x".repeat(20_000));
        }
        assertThat(client.response()).endsWith("ok");
    }

    @Test
    void clientThatLeavesMeanwhileHoldsNothing() throws Exception {
        start(100);
        Wire client = client().send(head(10) + "01");
        eventually("the request waits", () -> balancer().stats().openStreams() == 1);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        nothingHasArrived();
    }

    @Test
    void brokenBodyIsSeenByNobody() throws Exception {
        start(100);
        assertThat(client().send(CHUNKED + "2\r\nab\r\nnonsense\r\n").rest()).startsWith("HTTP/1.1 400 ");
        assertThat(guard.bodies).isEmpty();
        nothingHasArrived();
    }

    @Test
    void bodyThatIsTooLongIsSeenByNobody() throws Exception {
        start(100, 10);
        assertThat(client().send(head(11)).rest()).startsWith("HTTP/1.1 413 ");
        assertThat(client().send(CHUNKED + "8\r\nabcdefgh\r\n8\r\nabcdefgh\r\n").rest())
                .startsWith("HTTP/1.1 413 ")
                .containsIgnoringCase("connection: close");
        assertThat(guard.bodies).isEmpty();
        nothingHasArrived();
    }
}
