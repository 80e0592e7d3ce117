package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Drain;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.wire.Meanwhile;
import dev.remora.wire.Wire;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Answers as they stream: at once, no faster than they are read, and visibly broken when they break. */
class ProxyStreamTest extends ProxyFixture {

    private static final long ENDLESS = 256L * 1024 * 1024;
    private static final int PIECE = 64 * 1024;
    private static final int PIECES = 200;
    private static final long BOUND = 48L * 1024 * 1024;

    private final BlockingQueue<Wire> servers = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);

    /** A back end whose connection the test plays itself. */
    private Wire open(String request, String answer) throws Exception {
        start(backend("a", server -> {
            server.head();
            server.send(answer);
            servers.add(server);
            over.await();
        }));
        closing(over::countDown);
        return client().send(request);
    }

    private Wire server() throws InterruptedException {
        Wire server = servers.poll(20, TimeUnit.SECONDS);
        assertThat(server).as("a connection at the back end").isNotNull();
        return server;
    }

    private static String chunk(String bytes) {
        return Integer.toHexString(bytes.length()) + "\r\n" + bytes + "\r\n";
    }

    @Test
    void headOfAnEventStreamArrivesBeforeItsFirstEvent() throws Exception {
        Wire client = open(GET, EVENTS);
        assertThat(client.head()).startsWith("HTTP/1.1 200 ");
        server().send("0\r\n\r\n");
        assertThat(client.chunked()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void eachEventArrivesBeforeTheNextIsSent() throws Exception {
        Wire client = open(GET, EVENTS);
        client.head();
        Wire server = server();
        for (int i = 0; i < 20; i++) {
            String event = "data: " + i + "\n\n";
            server.send(chunk(event));
            assertThat(client.chunk()).isEqualTo(event);
        }
        server.send("0\r\n\r\n");
        assertThat(client.chunk()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void bodyOfUnknownKindIsNotHeldBackEither() throws Exception {
        Wire client = open(GET, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
        client.head();
        assertThat(client.text(3)).isEqualTo("abc");
        server().send("def");
        assertThat(client.text(3)).isEqualTo("def");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void answerThatEndsWithItsConnectionIsWhole() throws Exception {
        Wire client = open(GET, "HTTP/1.1 200 OK\r\n\r\nabc");
        client.head();
        assertThat(client.chunk()).isEqualTo("abc");
        server().close();
        assertThat(client.chunk()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void chunksThatBreakOffAreNotEnded() throws Exception {
        Wire client = open(GET, EVENTS + chunk("data: 1\n\n"));
        client.head();
        assertThat(client.chunk()).isEqualTo("data: 1\n\n");
        server().close();
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void lastAnswerOfAConnectionIsChunkedSoThatABreakShows() throws Exception {
        Wire client =
                open("GET / HTTP/1.1\r\nHost: chat.test\r\nConnection: close\r\n\r\n", EVENTS + chunk("data: 1\n\n"));
        assertThat(client.head()).containsIgnoringCase("transfer-encoding: chunked");
        assertThat(client.chunk()).isEqualTo("data: 1\n\n");
        server().close();
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void bodyThatIsTooShortBreaksTheConnection() throws Exception {
        Wire client = open(GET, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        client.head();
        assertThat(client.text(3)).isEqualTo("abc");
        server().close();
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void malformedChunkBreaksTheConnection() throws Exception {
        Wire client = open(GET, EVENTS + chunk("data: 1\n\n"));
        client.head();
        assertThat(client.chunk()).isEqualTo("data: 1\n\n");
        server().send("zz\r\n");
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void clientThatLeavesEndsItsStreamAtTheBackEnd() throws Exception {
        Wire client = open(GET, EVENTS);
        client.head();
        client.reset();
        Wire server = server();
        // Most containers notice only when they write.
        Thread writer = new Thread(() -> {
            try {
                while (over.getCount() > 0) {
                    server.send(chunk("data: 1\n\n"));
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            } catch (UncheckedIOException | InterruptedException e) {
                // The connection was closed, as it should.
            }
        });
        writer.start();
        assertThat(server.read()).as("the end of the connection").isNegative();
        over.countDown();
        writer.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void clientThatDoesNotReadStopsItsBackEndAndGetsItAllInTheEnd() throws Exception {
        AtomicLong sent = new AtomicLong();
        start(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + ENDLESS + "\r\n\r\n");
            byte[] piece = new byte[64 * 1024];
            for (long left = ENDLESS; left > 0; left -= piece.length) {
                server.send(piece);
                sent.addAndGet(piece.length);
            }
        }));
        Wire client = client().send(GET);
        client.head();
        stalls(sent);
        client.skip(ENDLESS);
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void streamThatFallsSilentHasArrivedHoweverSlowlyItIsRead() throws Exception {
        Wire client = open(GET, EVENTS);
        client.head();
        Wire server = server();
        byte[] piece = ("10000\r\n" + "x".repeat(PIECE) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        CompletableFuture<Void> sending = Meanwhile.run(() -> {
            for (int i = 0; i < PIECES; i++) {
                server.send(piece);
            }
        });
        // The container's buffers are full whenever something is flushed.
        for (long left = (long) PIECES * PIECE; left > 0; left -= client.chunk().length()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        sending.join();
        assertThat(balancer().stats().openStreams()).isOne();
    }

    private static void stalls(AtomicLong sent) throws InterruptedException {
        long before = -1;
        while (sent.get() != before || before == 0) {
            before = sent.get();
            TimeUnit.MILLISECONDS.sleep(500);
        }
        assertThat(sent.get()).as("what was taken from the sender").isBetween(1L, BOUND);
    }

    @Test
    void silentStreamEndsAfterItsIdleTime() throws Exception {
        timeouts(times -> times.withStreamIdle(Duration.ofMillis(300)));
        Wire client = open(GET, EVENTS + chunk("data: 1\n\n"));
        client.head();
        assertThat(client.chunk()).isEqualTo("data: 1\n\n");
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.STREAM_IDLE));
        assertThat(server().read()).isNegative();
    }

    @Test
    void resumableStreamOfADrainedBackEndEndsBetweenTwoEvents() throws Exception {
        Wire client = open(GET, EVENTS + chunk("id: 1\ndata: 1\n\nid: 2\nda"));
        client.head();
        assertThat(client.chunk()).isEqualTo("id: 1\ndata: 1\n\nid: 2\nda");
        balancer()
                .drain(
                        "a",
                        Drain.softly(Duration.ZERO).until(Duration.ofMinutes(1)).spread(Duration.ZERO));
        Wire server = server();
        String passed;
        do {
            // The balancer asks on a thread of its own.
            server.send(chunk("ta: 2\n\nid: 3\nda"));
            passed = client.chunk();
        } while (!passed.endsWith("\n\n"));
        assertThat(passed).isEqualTo("ta: 2\n\n");
        assertThat(client.chunked()).matches("retry: \\d+\n\n");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void answerThatIsGivenOnceIsCutOnlyAtTheLastDeadline() throws Exception {
        Wire client =
                open("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 0\r\n\r\n", EVENTS + chunk("data: 1\n\n"));
        client.head();
        assertThat(client.chunk()).isEqualTo("data: 1\n\n");
        balancer()
                .drain(
                        "a",
                        Drain.softly(Duration.ZERO)
                                .until(Duration.ofMillis(300))
                                .spread(Duration.ZERO));
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void destroyedProxyEndsItsStreams() throws Exception {
        Wire client = open(GET, EVENTS + chunk("data: 1\n\n"));
        client.head();
        client.chunk();
        proxy().destroy();
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(server().read()).as("the back end's connection").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void destroyedProxyAnswersWhoWaits() throws Exception {
        Wire client = open(GET, "");
        server();
        proxy().destroy();
        assertThat(client.response()).startsWith("HTTP/1.1 503 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }
}
