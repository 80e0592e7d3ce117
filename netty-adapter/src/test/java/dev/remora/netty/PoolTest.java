package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Connections to back ends are kept, and one that went stale costs the client nothing. */
final class PoolTest extends GatewayFixture {

    private static final String POST = "POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 2\r\n\r\nhi";

    @Test
    void connectionClosedWhenReusedIsReplacedByAFreshOne() throws Exception {
        AtomicInteger heads = new AtomicInteger();
        // Answers once on each connection and closes it when the second request has arrived.
        ScriptedBackend a = backend("a", server -> {
            server.head();
            heads.incrementAndGet();
            server.send(OK);
            server.head();
            heads.incrementAndGet();
        });
        gateway(a);
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(a.connections()).isEqualTo(2);
        assertThat(heads).hasValue(3);
        assertThat(outcome()).isEqualTo(Outcome.success());
        assertThat(outcome())
                .as("a stale connection is not the back end's failure")
                .isEqualTo(Outcome.success());
    }

    @Test
    void postIsNeverSentTwice() throws Exception {
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send(OK);
            heads.add(server.head());
            server.text(2);
        });
        gateway(a);
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(client.send(POST).response()).startsWith("HTTP/1.1 502 ");
        assertThat(heads).hasSize(1);
        assertThat(outcome()).isEqualTo(Outcome.success());
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
    }

    @Test
    void idleConnectionThatTheBackEndClosesIsForgotten() throws Exception {
        Semaphore closed = new Semaphore(0);
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.text(2);
            server.send(OK);
            server.shutOutput();
            assertThat(server.read()).as("the gateway closes its side at once").isEqualTo(-1);
            closed.release();
        });
        gateway(a);
        Wire client = client();
        for (int i = 1; i <= 20; i++) {
            assertThat(client.send(POST).response()).endsWith("ok");
            assertThat(closed.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            assertThat(a.connections()).isEqualTo(i);
        }
    }

    @Test
    void unaskedBytesSpoilAConnection() {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send(OK + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        });
        gateway(a);
        Wire client = client();
        for (int i = 0; i < 5; i++) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
        assertThat(a.connections()).isEqualTo(5);
    }

    @Test
    void wordsFromAnIdleConnectionSpoilIt() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch dropped = new CountDownLatch(1);
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send(OK);
            answered.await();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
            assertThat(server.read()).isNegative();
            dropped.countDown();
        });
        gateway(a);
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        answered.countDown();
        assertThat(dropped.await(20, TimeUnit.SECONDS))
                .as("the connection is closed at once")
                .isTrue();
        assertThat(client.send(GET).response()).endsWith("ok");
    }

    @Test
    void backEndThatSaysCloseIsNotAskedAgainOnThatConnection() {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            server.head();
        });
        gateway(a);
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok").doesNotContainIgnoringCase("connection: close");
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(a.connections()).isEqualTo(2);
    }

    @Test
    void hintOfTheBackEndEndsReuse() {
        ScriptedBackend a = answering("a", server -> {
            assertThat(server.head()).isNotEmpty();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=1\r\n\r\nok");
        });
        gateway(a);
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok").doesNotContainIgnoringCase("keep-alive");
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(a.connections())
                .as("one second less one second of margin is no reuse")
                .isEqualTo(2);
    }

    @Test
    void idleConnectionsAreEvicted() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send(OK);
            assertThat(server.read()).isEqualTo(-1);
            closed.countDown();
        });
        gateway(settings -> {}, server -> server.backendIdle(Duration.ofMillis(1)), a);
        assertThat(client().send(GET).response()).endsWith("ok");
        time.pass(Duration.ofSeconds(1));
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
