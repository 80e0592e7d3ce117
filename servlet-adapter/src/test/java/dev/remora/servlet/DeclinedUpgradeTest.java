package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Drain;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Timeouts;
import dev.remora.strategy.Strategy;
import dev.remora.wire.Meanwhile;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client gets whose upgrade comes to nothing. */
class DeclinedUpgradeTest extends TunnelFixture {

    private static final String CHUNKED = lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked");
    // More than the buffers of two connections take.
    private static final long LARGE = 64L * 1024 * 1024;
    private static final int PIECE = 64 * 1024;
    private static final Duration SHORT = Duration.ofMillis(300);

    private ScriptedBackend answering(String name, String answer) {
        return backend(name, server -> {
            assertThat(server.head()).isNotEmpty();
            server.send(answer);
        });
    }

    private String response(String answer) throws Exception {
        gateway(answering("a", answer));
        return client().send(UPGRADE).response();
    }

    @Test
    void answerWithALengthIsRelayed() throws Exception {
        assertThat(response("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-Mine: yes\r\n\r\nno"))
                .startsWith("HTTP/1.1 403 ")
                .containsIgnoringCase("x-mine: yes")
                .endsWith("no");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void whereNothingCanBeUpgradedTheRequestIsServedAsIfItHadNotAsked() throws Exception {
        gateway(patient("a"));
        Wire client = client().send(UPGRADE);
        Wire server = server();
        boolean asked = server.head().contains("chat\r\n");
        server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        assertThat(asked).isTrue();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void answerInChunksIsRelayed() throws Exception {
        assertThat(response(CHUNKED + "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Trailer: gone\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("abc0123456789");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void answerUpToTheEndOfTheConnectionIsRelayed() throws Exception {
        assertThat(response("HTTP/1.1 200 OK\r\n\r\nall of it"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("all of it");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void answerWithoutABodyIsRelayed() throws Exception {
        gateway(answering("a", "HTTP/1.1 204 No Content\r\n\r\n"));
        Wire client = client().send(UPGRADE);
        assertThat(client.head()).startsWith("HTTP/1.1 204 ");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void lengthOfAnAnswerWithoutABodyIsNotRelayed() throws Exception {
        gateway(answering("a", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nX-Mine: yes\r\n\r\n"));
        Wire client = client().send(UPGRADE);
        assertThat(client.head())
                .startsWith("HTTP/1.1 204 ")
                .containsIgnoringCase("x-mine: yes")
                .doesNotContainIgnoringCase("content-length");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void headThatTheContainerDoesNotTakeIsA502() throws Exception {
        String answer =
                response("HTTP/1.1 403 Forbidden\r\nX: " + "x".repeat(9000) + "\r\nContent-Length: 2\r\n\r\nno");
        boolean taken = Container.present().takesLargeHeads();
        assertThat(answer).startsWith(taken ? "HTTP/1.1 403 " : "HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(taken ? Outcome.success() : Outcome.failure(FailureKind.PROTOCOL));
    }

    @Test
    void connectionServesOnBehindADeclinedUpgrade() throws Exception {
        gateway(answering("a", "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
        Wire client = client();
        for (int i = 0; i < 3; i++) {
            assertThat(client.send(UPGRADE).response())
                    .startsWith("HTTP/1.1 403 ")
                    .endsWith("no");
            assertThat(outcome()).isEqualTo(Outcome.success());
        }
    }

    @Test
    void interimAnswersAreSkipped() throws Exception {
        assertThat(response(lines("HTTP/1.1 103 Early Hints", "Link: x")
                        + lines("HTTP/1.1 100 Continue")
                        + lines("HTTP/1.1 200 OK", "Content-Length: 2")
                        + "ok"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("ok");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void eachPieceArrivesBeforeTheNextIsSent() throws Exception {
        gateway(patient("a"));
        Wire client = client().send(UPGRADE);
        Wire server = server();
        server.head();
        server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.head();
        for (int i = 0; i < 3; i++) {
            server.send("9\r\ndata: " + i + "\n\n\r\n");
            assertThat(client.chunk()).isEqualTo("data: " + i + "\n\n");
        }
        server.send("0\r\n\r\n");
        assertThat(client.chunk()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"
            })
    void answerThatBreaksOffDoesNotLookComplete(String answer) throws Exception {
        gateway(answering("a", answer));
        Wire client = client().send(UPGRADE);
        assertThat(client.head()).startsWith("HTTP/1.1 200 ");
        assertThat(client.rest()).contains("abc").doesNotContain("0\r\n\r\n");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void malformedChunksDoNotLookComplete() throws Exception {
        gateway(answering("a", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"));
        Wire client = client().send(UPGRADE);
        client.head();
        assertThat(client.rest()).doesNotContain("0\r\n\r\n");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
    }

    @Test
    void answerThatFallsSilentIsBrokenOff() throws Exception {
        gateway(balancer -> {}, servlet -> servlet.timeouts(Timeouts.defaults().withStreamIdle(SHORT)), patient("a"));
        Wire client = client().send(UPGRADE);
        server().send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc");
        client.head();
        assertThat(client.rest()).isEqualTo("abc");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.STREAM_IDLE));
    }

    @Test
    void clientThatDoesNotReadStopsItsBackEndAndGetsItAllInTheEnd() throws Exception {
        AtomicLong sent = new AtomicLong();
        gateway(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
            byte[] piece = new byte[64 * 1024];
            for (long left = LARGE; left > 0; left -= piece.length) {
                server.send(piece);
                sent.addAndGet(piece.length);
            }
        }));
        Wire client = client().send(UPGRADE);
        client.head();
        long before = -1;
        while (sent.get() != before || before == 0) {
            before = sent.get();
            TimeUnit.MILLISECONDS.sleep(500);
        }
        assertThat(before).as("what was taken from the back end").isLessThan(LARGE / 2);
        client.skip(LARGE);
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void clientThatLeavesEndsTheStreamOfItsBackEnd() throws Exception {
        gateway(patient("a"));
        Wire client = client().send(UPGRADE);
        Wire server = server();
        server.head();
        server.send(CHUNKED);
        client.head();
        client.reset();
        CompletableFuture<Void> speaking = Meanwhile.run(() -> speakWhileHeard(server));
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        speaking.get(20, TimeUnit.SECONDS);
    }

    private static void speakWhileHeard(Wire server) {
        try {
            while (true) {
                server.send("1\r\nx\r\n");
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (UncheckedIOException | InterruptedException e) {
            // Nobody hears it any more.
        }
    }

    @Test
    void streamThatIsToEndNowDoesNotLookComplete() throws Exception {
        gateway(patient("a"));
        Wire client = client().send(UPGRADE);
        Wire server = server();
        server.head();
        server.send(CHUNKED + "3\r\nabc\r\n");
        client.head();
        assertThat(client.chunk()).isEqualTo("abc");
        balancer.drain("a", Drain.softly(Duration.ZERO).until(Duration.ZERO));
        assertThat(client.rest()).doesNotContain("0\r\n\r\n");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(server.read()).isNegative();
    }

    @Test
    void streamOfAProxyThatIsDestroyedDoesNotLookComplete() throws Exception {
        gateway(patient("a"));
        Wire client = client().send(UPGRADE);
        Wire server = server();
        server.head();
        server.send(CHUNKED + "3\r\nabc\r\n");
        client.head();
        assertThat(client.chunk()).isEqualTo("abc");
        proxy.destroy();
        assertThat(client.rest()).doesNotContain("0\r\n\r\n");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void agreementToWhatNobodyOfferedIsA502() throws Exception {
        assertThat(response(switchingTo("other"))).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
    }

    @Test
    void malformedHeadIsA502() throws Exception {
        assertThat(response("HTTP/1.1 200 OK\r\nX: 1\nY: 2\r\n\r\n")).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
    }

    @Test
    void oversizedHeadIsA502() throws Exception {
        assertThat(response("HTTP/1.1 200 OK\r\nX: " + "x".repeat(33_000))).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
    }

    @Test
    void backEndThatIsDownIsReplacedByTheNext() throws Exception {
        ScriptedBackend down = backend("down", server -> {});
        down.kill();
        gateway(
                balancer -> balancer.strategy(
                        Strategy.priority(b -> b.id().value().equals("up") ? 1 : 0, Strategy.random())),
                servlet -> {},
                down,
                patient("up"));
        Wire client = client().send(UPGRADE);
        Wire server = server();
        server.head();
        server.send(SWITCHING);
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
        client.close();
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void noBackEndAtAllIsA502() throws Exception {
        ScriptedBackend down = backend("down", server -> {});
        down.kill();
        gateway(down);
        assertThat(client().send(UPGRADE).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
    }

    @Test
    void silentBackEndIsA504() throws Exception {
        gateway(balancer -> {}, servlet -> servlet.timeouts(Timeouts.defaults().withFirstByte(SHORT)), patient("a"));
        assertThat(client().send(UPGRADE).response()).startsWith("HTTP/1.1 504 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.FIRST_BYTE_TIMEOUT));
    }

    @Test
    void backEndThatClosesInsteadOfAnAnswerIsA502() throws Exception {
        gateway(backend("a", Wire::head));
        assertThat(client().send(UPGRADE).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
    }

    @Test
    void requestThatIsToEndNowIsA503() throws Exception {
        gateway(patient("a"));
        Wire client = client().send(UPGRADE);
        server().head();
        balancer.drain("a", Drain.softly(Duration.ZERO).until(Duration.ZERO));
        assertThat(client.response()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void connectionThatFailedIsClosedBeforeTheNextIsUsed() throws Exception {
        BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        ScriptedBackend failing = backend("failing", server -> {
            server.head();
            server.send(lines("HTTP/1.1 nonsense"));
            ends.add(server.read());
        });
        gateway(
                balancer -> balancer.strategy(
                        Strategy.priority(b -> b.id().value().equals("failing") ? 0 : 1, Strategy.random())),
                servlet -> {},
                failing,
                patient("other"));
        Wire client = client().send(UPGRADE);
        Wire server = server();
        server.head();
        server.send(SWITCHING);
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        assertThat(ends.poll(20, TimeUnit.SECONDS))
                .as("the end of the first connection")
                .isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
        client.close();
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void largeAnswerLetsTunnelsHaveTheirTurn() throws Exception {
        gateway(backend("a", server -> {
            if (server.head().contains("flood")) {
                server.send("HTTP/1.1 200 OK\r\n\r\n");
                byte[] piece = new byte[PIECE];
                while (true) {
                    server.send(piece);
                }
            }
            server.send(SWITCHING);
            for (int b = server.read(); b >= 0; b = server.read()) {
                server.send(new byte[] {(byte) b});
            }
        }));
        Wire tunnel = client().send(UPGRADE);
        tunnel.head();
        Wire flooded = client().send(upgradeTo("flood"));
        flooded.head();
        AtomicLong seen = new AtomicLong();
        CompletableFuture<Void> reading = Meanwhile.run(() -> {
            try {
                while (true) {
                    flooded.skip(PIECE);
                    seen.addAndGet(PIECE);
                }
            } catch (IOException e) {
                // It is closed in the end.
            }
        });
        long most = 0;
        for (int i = 0; i < 100; i++) {
            long before = seen.get();
            tunnel.send("x");
            assertThat(tunnel.text(1)).isEqualTo("x");
            most = Math.max(most, seen.get() - before);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        tunnel.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
        flooded.reset();
        reading.get(20, TimeUnit.SECONDS);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(most)
                .as("bytes of the answer that passed before the tunnel had its turn")
                .isLessThan(8 * LARGE);
    }
}
