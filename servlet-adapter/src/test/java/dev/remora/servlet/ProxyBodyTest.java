package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.strategy.Strategy;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bodies of requests: streamed, bounded, and sent again only when that does no harm. */
class ProxyBodyTest extends ProxyFixture {

    private static final long GIGABYTE = 1L << 30;
    private static final long BOUND = 48L * 1024 * 1024;
    private static final String POST = "POST / HTTP/1.1\r\nHost: chat.test\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

    /** Answers with the body that it was sent. */
    private ScriptedBackend echo(String name) {
        return answering(name, server -> {
            String head = server.head();
            if (head.isEmpty()) {
                throw new IllegalStateException("closed");
            }
            String body = body(server, head);
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        });
    }

    private void prefer(String backend) {
        balancing(builder -> builder.strategy(
                Strategy.priority(each -> each.id().value().equals(backend) ? 0 : 1, Strategy.roundRobin())));
    }

    private static String body(Wire server, String head) {
        if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
            return server.chunked();
        }
        return server.text(Integer.parseInt(head.replaceFirst("(?is)(.*content-length: (\\d+))?.*", "0$2")));
    }

    @Test
    void bodyOfAKnownLengthPasses() throws Exception {
        start(echo("a"));
        Wire client = client();
        assertThat(client.send(POST + "Content-Length: 5\r\n\r\nhello").response())
                .endsWith("\r\n\r\nhello");
        assertThat(client.send(POST + "Content-Length: 0\r\n\r\n").response()).endsWith("\r\n\r\n");
    }

    @Test
    void chunkedBodyPasses() throws Exception {
        start(echo("a"));
        Wire client = client();
        assertThat(client.send(CHUNKED + "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n").response())
                .endsWith("\r\n\r\nhello!");
        assertThat(client.send(CHUNKED + "0\r\n\r\n").response()).endsWith("\r\n\r\n");
    }

    @Test
    void bodyStreamsBeforeItIsComplete() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        start(backend("a", server -> {
            server.head();
            seen.complete(server.text(3));
            server.text(3);
            server.send(OK);
        }));
        Wire client = client().send(POST + "Content-Length: 6\r\n\r\nabc");
        assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo("abc");
        assertThat(client.send("def").response()).endsWith("ok");
    }

    @Test
    void clientThatWaitsForAWordIsToldToGoOn() throws Exception {
        start(echo("a"));
        Wire client = client().send(POST + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assertThat(client.head()).startsWith("HTTP/1.1 100");
        assertThat(client.send("hello").response()).endsWith("\r\n\r\nhello");
    }

    @Test
    void gigabytePassesInBoundedMemory() throws Exception {
        CompletableFuture<Void> read = new CompletableFuture<>();
        AtomicLong sent = new AtomicLong();
        start(backend("a", server -> {
            server.head();
            read.join();
            server.skip(GIGABYTE);
            server.send(OK);
        }));
        Wire client = client().send(POST + "Content-Length: " + GIGABYTE + "\r\n\r\n");
        Thread uploader = new Thread(() -> {
            byte[] piece = new byte[256 * 1024];
            for (long left = GIGABYTE; left > 0; left -= piece.length) {
                client.send(piece);
                sent.addAndGet(piece.length);
            }
        });
        uploader.start();
        long before = -1;
        while (sent.get() != before || before == 0) {
            before = sent.get();
            TimeUnit.MILLISECONDS.sleep(500);
        }
        assertThat(sent.get())
                .as("what a back end that does not read takes from the client")
                .isBetween(1L, BOUND);
        read.complete(null);
        assertThat(client.response()).endsWith("ok");
        uploader.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void clientThatLeavesWithinItsBodyIsNotTheBackEndsFault() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        start(backend("a", server -> {
            server.head();
            seen.complete(server.text(3));
            end.complete(server.read());
        }));
        Wire client = client().send(POST + "Content-Length: 6\r\n\r\nabc");
        seen.get(20, TimeUnit.SECONDS);
        client.reset();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(end.get(20, TimeUnit.SECONDS)).isNegative();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 10\r\n\r\nhello",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nxyz\r\n"
            })
    void brokenBodyIsNotAnsweredAsASuccess(String framed) throws Exception {
        start(backend("a", Wire::rest));
        Wire client = client().send(POST + framed);
        client.shutOutput();
        assertThat(client.head()).matches("(?is)|HTTP/1.1 400 .*connection: close\r\n.*");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void clientThatSendsNothingMoreIsGivenUp() throws Exception {
        timeouts(times -> times.withRequestBodyIdle(Duration.ofMillis(300)));
        start(backend("a", server -> {
            server.head();
            server.rest();
        }));
        assertThat(client().send(POST + "Content-Length: 6\r\n\r\nabc").response())
                .startsWith("HTTP/1.1 408 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void announcedBodyThatIsTooLongIsRefusedAtOnce() throws Exception {
        proxying(builder -> builder.maxRequestBodyBytes(10));
        start(echo("a"));
        assertThat(client().send(POST + "Content-Length: 11\r\n\r\n").response())
                .startsWith("HTTP/1.1 413 ");
    }

    @Test
    void bodyThatTurnsOutTooLongIsRefused() throws Exception {
        proxying(builder -> builder.maxRequestBodyBytes(10));
        start(echo("a"));
        assertThat(client().send(CHUNKED + "b\r\nhello world\r\n").response()).startsWith("HTTP/1.1 413 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void bodyGoesToTheNextBackEndWhenTheFirstCannotBeReached() throws Exception {
        ScriptedBackend dead = backend("dead", Wire::head);
        dead.kill();
        prefer("dead");
        start(dead, echo("b"));
        assertThat(client().send(POST + "Content-Length: 5\r\n\r\nhello").response())
                .endsWith("\r\n\r\nhello");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void postThatWasSentIsNotSentAgain() throws Exception {
        ScriptedBackend first = backend("a", server -> server.text(server.head().isEmpty() ? 0 : 5));
        start(first);
        assertThat(client().send(POST + "Content-Length: 5\r\n\r\nhello").response())
                .startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(first.connections()).isEqualTo(1);
    }

    @Test
    void keptBodyIsSentAgain() throws Exception {
        proxying(builder -> builder.replayBodies(1024));
        prefer("a");
        start(backend("a", server -> server.text(server.head().isEmpty() ? 0 : 5)), echo("b"));
        assertThat(client().send(POST + "Content-Length: 5\r\n\r\nhello").response())
                .endsWith("\r\n\r\nhello");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "Content-Length: 5\r\n\r\nhello"})
    void getWithABodyIsNotSentAgainInSecret(String framed) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        start(backend("a", server -> {
            String head = server.head();
            if (!head.isEmpty()) {
                seen.add(body(server, head));
            }
        }));
        assertThat(client().send("GET / HTTP/1.1\r\nHost: chat.test\r\n" + framed)
                        .response())
                .startsWith("HTTP/1.1 502 ");
        assertThat(seen).containsExactly("hello");
    }

    @Test
    void keptBodyIsSentAgainWhenAConnectionBreaksThatMayHaveBeenKept() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        proxying(builder -> builder.replayBodies(1024));
        start(backend("a", server -> {
            for (String head = server.head(); !head.isEmpty(); head = server.head()) {
                seen.add(body(server, head));
                if (seen.size() == 2) {
                    return;
                }
                server.send(OK);
            }
        }));
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(client.send(CHUNKED + "5\r\nhello\r\n0\r\n\r\n").response()).endsWith("ok");
        assertThat(seen).containsExactly("", "hello", "hello");
    }

    @Test
    void uploadToABackEndThatDiesEndsVisibly() throws Exception {
        start(backend("a", server -> {
            server.head();
            server.text(100);
            server.reset();
        }));
        Wire client = client().send(POST + "Content-Length: " + GIGABYTE + "\r\n\r\n");
        Thread uploader = new Thread(() -> {
            try {
                byte[] piece = new byte[64 * 1024];
                for (long left = GIGABYTE; left > 0; left -= piece.length) {
                    client.send(piece);
                }
            } catch (UncheckedIOException e) {
                // The gateway has closed the connection.
            }
        });
        uploader.start();
        assertThat(client.head()).matches("(?s)(HTTP/1.1 502 .*)?");
        client.reset();
        uploader.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
    }
}
