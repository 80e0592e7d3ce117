package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.wire.Eventually;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import jakarta.servlet.DispatcherType;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Back ends that fail, and requests that are refused. */
class ProxyFailureTest extends ProxyFixture {

    @Test
    void getMovesOnWhenItsBackEndClosesWithoutAnAnswer() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        ScriptedBackend.Script first = server -> {
            if (!server.head().isEmpty() && asked.incrementAndGet() > 1) {
                server.send(OK);
            }
        };
        start(backend("a", first), backend("b", first));
        assertThat(client().send(GET).response()).endsWith("ok");
        assertThat(asked).hasValue(2);
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void nobodySendsARequestAgainInSecret() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        start(backend("a", server -> {
            if (!server.head().isEmpty()) {
                asked.incrementAndGet();
            }
        }));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(asked).hasValue(1);
    }

    @Test
    void connectionThatWasClosedWhenItIsUsedAgainDoesNoHarm() throws Exception {
        // Each connection answers once and is closed right behind the answer, as by a server whose idle time is over.
        start(backend("a", server -> {
            server.head();
            server.send(OK);
        }));
        Wire client = client();
        for (int i = 0; i < 50; i++) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
    }

    @Test
    void keptConnectionThatBreaksWhenItIsUsedAgainIsReplacedOnce() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        start(backend("a", server -> {
            while (!server.head().isEmpty()) {
                // The second request is read, and the connection closed: so it looks when both happen at the same time.
                if (asked.incrementAndGet() == 2) {
                    return;
                }
                server.send(OK);
            }
        }));
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(asked).hasValue(3);
        assertThat(outcome()).isEqualTo(Outcome.success());
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void nobodyCanBeReached() throws Exception {
        ScriptedBackend dead = backend("a", Wire::head);
        dead.kill();
        start(dead);
        assertThat(client().send(GET).response())
                .startsWith("HTTP/1.1 502 ")
                .containsIgnoringCase("content-type: application/problem+json")
                .containsIgnoringCase("cache-control: no-store")
                .contains("No back end could be reached.");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
    }

    @Test
    void backEndThatDoesNotAnswerInTime() throws Exception {
        timeouts(times -> times.withFirstByte(Duration.ofMillis(300)));
        start(backend("a", Wire::rest));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 504 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.FIRST_BYTE_TIMEOUT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH\r\n\r\n",
                "HTTP/1.1 abc\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: pipe\r\n\r\n",
            })
    void answersThatAreNotHttpAreNotPassedOn(String answer) throws Exception {
        start(backend("a", server -> {
            server.head();
            server.send(answer);
        }));
        assertThat(client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 0\r\n\r\n")
                        .response())
                .startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isInstanceOf(Outcome.Failure.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 2\r\n\r\nok", "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"})
    void headThatTheContainerDoesNotTakeIsA502(String framed) throws Exception {
        start(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nX-Big: " + "x".repeat(9000) + "\r\n" + framed);
        }));
        String answer = client().send(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
                .rest();
        if (Container.present().takesLargeHeads()) {
            assertThat(answer).startsWith("HTTP/1.1 200 ").contains("ok");
            assertThat(outcome()).isEqualTo(Outcome.success());
        } else {
            assertThat(answer)
                    .startsWith("HTTP/1.1 502 ")
                    .containsIgnoringCase("cache-control: no-store")
                    .doesNotContainIgnoringCase("x-big");
            assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xchunked", "chunked, chunked", "chunked, gzip", "gzip, chunked", "identity"})
    void connectionOfARequestWhoseCodingIsUnknownIsClosed(String coding) throws Exception {
        ScriptedBackend server = answering("a", each -> {
            each.head();
            each.send(OK);
        });
        start(server);
        Wire client = client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nTransfer-Encoding: " + coding
                + "\r\n\r\n0\r\n\r\n" + GET);
        assertThat(client.rest()).matches("(?s)HTTP/1.1 (400|501) .*").doesNotContain("HTTP/1.1 200 ");
        assertThat(server.connections()).isZero();
    }

    @Test
    void refusalIsAnsweredWithItsHeaders() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        balancing(builder -> builder.guard(Guard.openStreams(LimitKey.everybody(), 1)));
        start(answering("a", server -> {
            if (server.head().isEmpty()) {
                throw new IllegalStateException("closed");
            }
            arrived.countDown();
            end.await();
            server.send(OK);
        }));
        Wire first = client().send(GET);
        arrived.await();
        assertThat(client().send(GET).response())
                .startsWith("HTTP/1.1 429 ")
                .containsIgnoringCase("content-type: application/problem+json");
        end.countDown();
        assertThat(first.response()).endsWith("ok");
    }

    @Test
    void clientThatLeavesBeforeTheAnswerCancelsOnceItIsNoticed() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        start(backend("a", server -> {
            server.head();
            arrived.countDown();
            left.await();
            server.send(EVENTS);
            for (int i = 0; i < 1000; i++) {
                server.send("9\r\ndata: 1\n\n\r\n");
                Thread.sleep(5);
            }
        }));
        Wire client = client().send(GET);
        arrived.await();
        client.reset();
        left.countDown();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void requestThatIsAsynchronousAlreadyLeavesNoLease() throws Exception {
        containing(site -> site.filters.add(new Site.MappedFilter(
                (request, response, chain) -> {
                    request.startAsync();
                    chain.doFilter(request, response);
                },
                true,
                EnumSet.of(DispatcherType.REQUEST))));
        start(backend("a", Wire::head));
        client().send(GET);
        // The fixture sees to it that no stream is left open.
        Eventually.holds(
                "the request is refused",
                Duration.ofSeconds(20),
                () -> balancer().stats().backends().get(0).picked() == 0 && proxy().openStreams() == 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"
            })
    void connectionOfAnAnswerThatBreaksTheRulesIsClosed(String answer) throws Exception {
        BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        start(backend("a", server -> {
            server.head();
            server.send(answer);
            ends.add(server.read());
        }));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.PROTOCOL));
        assertThat(ends.poll(5, TimeUnit.SECONDS))
                .as("the end of the connection")
                .isEqualTo(-1);
    }
}
