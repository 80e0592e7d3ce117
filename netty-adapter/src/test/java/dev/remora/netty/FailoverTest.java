package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.http.Timeouts;
import dev.remora.pool.Backend;
import dev.remora.strategy.Strategy;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a client sees when a back end is not there, does not answer, or answers nonsense. */
final class FailoverTest extends GatewayFixture {

    private static final Duration SHORT = Duration.ofMillis(100);

    @Test
    void failedConnectMovesAPostWithItsBody() throws Exception {
        ScriptedBackend b = answering("b", server -> {
            assertThat(server.head()).contains("POST /chat HTTP/1.1");
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + server.text(5));
        });
        gateway(settings -> settings.strategy(Strategy.roundRobin()), server -> {}, dead("a"), dead("c"), b.backend());
        for (int i = 0; i < 6; i++) {
            Wire client = client().send("POST /chat HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("hello");
        }
    }

    @Test
    void nobodyThereIsA502() throws Exception {
        gateway(settings -> {}, server -> {}, dead("a"), dead("b"));
        Wire client = client();
        for (int i = 0; i < 3; i++) {
            assertThat(client.send(GET).response())
                    .startsWith("HTTP/1.1 502 ")
                    .containsIgnoringCase("content-type: application/problem+json")
                    .contains("\"status\":502");
        }
    }

    @Test
    void whoCouldOnlyMoveToAFullBackEndIsToldToComeBack() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        ScriptedBackend b = backend("b", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            end.await();
            server.send("0\r\n\r\n");
        });
        gateway(
                settings -> settings.strategy(Strategy.roundRobin()).health(HealthPolicy.none()),
                server -> {},
                dead("a"),
                b.backend().withMaxStreams(1));
        Wire streaming = client().send(GET);
        assertThat(streaming.head()).startsWith("HTTP/1.1 200 ");
        for (int i = 0; i < 3; i++) {
            assertThat(client().send(GET).response())
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after: 1");
        }
        end.countDown();
        assertThat(streaming.chunked()).isEqualTo("abc");
    }

    @Test
    void idempotentRequestWithoutAnswerMoves() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        ScriptedBackend a = backend("a", server -> seen.add(server.head()));
        ScriptedBackend b = answering("b", server -> {
            assertThat(server.head()).isNotEmpty();
            server.send(OK);
        });
        gateway(settings -> settings.strategy(Strategy.roundRobin()), server -> {}, a, b);
        Wire client = client();
        for (int i = 0; i < 4; i++) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
        assertThat(seen).isNotEmpty();
    }

    @Test
    void postWithoutAnswerDoesNotMove() throws Exception {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.text(2);
        });
        gateway(a);
        assertThat(client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 2\r\n\r\nhi")
                        .response())
                .startsWith("HTTP/1.1 502 ");
        assertThat(a.connections()).isEqualTo(1);
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
    }

    @Test
    void aStrategyThatThrowsWhenTheRequestMovesIsA500() throws Exception {
        AtomicBoolean picked = new AtomicBoolean();
        ScriptedBackend a = backend("a", Wire::head);
        gateway(
                settings -> settings.strategy(snapshot -> context -> {
                    if (picked.getAndSet(true)) {
                        throw new IllegalStateException("a broken strategy");
                    }
                    return 0;
                }),
                server -> {},
                a.backend(),
                dead("b"));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 500 ");
    }

    @Test
    void silentBackEndIsA504() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        ScriptedBackend a = backend("a", server -> {
            server.head();
            arrived.countDown();
            end.await();
        });
        gateway(settings -> {}, server -> server.timeouts(Timeouts.defaults().withFirstByte(SHORT)), a);
        Wire client = client().send(GET);
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        time.pass(SHORT);
        assertThat(client.response()).startsWith("HTTP/1.1 504 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.FIRST_BYTE_TIMEOUT));
        end.countDown();
    }

    @Test
    void silentAcceptorThatNeverAgreesOnTlsIsA502() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        ScriptedBackend a = backend("a", server -> end.await());
        gateway(
                settings -> {},
                server -> server.timeouts(Timeouts.defaults().withConnect(SHORT)),
                Backend.of("a", "https://127.0.0.1:" + a.port()));
        Wire client = client().send(GET);
        eventually("it has accepted", () -> a.connections() == 1);
        time.pass(SHORT);
        assertThat(client.response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
        end.countDown();
    }

    @Test
    void hostNamesAreResolved() {
        ScriptedBackend a = answering("a", server -> {
            assertThat(server.head()).isNotEmpty();
            server.send(OK);
        });
        gateway(settings -> {}, server -> {}, Backend.of("a", "http://localhost:" + a.port()));
        assertThat(client().send(GET).response()).endsWith("ok");
    }

    @Test
    void unknownHostIsA502() {
        gateway(settings -> {}, server -> {}, Backend.of("a", "http://nowhere.invalid:80"));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
    }

    @Test
    void backEndThatBreaksOffBreaksTheClient() throws Exception {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        });
        gateway(a);
        Wire client = client().send(GET);
        client.head();
        assertThat(client.chunk()).isEqualTo("abc");
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void shortContentBreaksTheClient() throws Exception {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        });
        gateway(a);
        Wire client = client().send(GET);
        client.head();
        assertThat(client.text(3)).isEqualTo("abc");
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void cutBodyIsAResetForAnHttp10Client() throws Exception {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        });
        gateway(a);
        Wire client = client().send("GET / HTTP/1.0\r\n\r\n");
        int last = 0;
        while (last >= 0) {
            last = client.read();
        }
        assertThat(last).as("a reset, not an end").isEqualTo(-2);
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void resetOfABodyUpToTheEndIsNoEnd() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\n\r\nabc");
            read.await();
            server.reset();
        });
        gateway(a);
        Wire client = client().send(GET);
        client.head();
        assertThat(client.chunk()).isEqualTo("abc");
        read.countDown();
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void silentStreamIsCut() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            end.await();
        });
        gateway(settings -> {}, server -> server.timeouts(Timeouts.defaults().withStreamIdle(SHORT)), a);
        Wire client = client().send(GET);
        client.head();
        assertThat(client.chunk()).isEqualTo("abc");
        time.pass(SHORT);
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.STREAM_IDLE));
        end.countDown();
    }

    // The port is taken, so that nobody else gets it meanwhile, but nobody listens there.
    private Backend dead(String name) throws IOException {
        Socket deaf = closing(new Socket());
        deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return Backend.of(name, "http://127.0.0.1:" + deaf.getLocalPort());
    }
}
