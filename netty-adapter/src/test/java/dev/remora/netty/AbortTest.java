package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client that leaves cancels its back end at once, whatever the request was doing. */
final class AbortTest extends GatewayFixture {

    private final CompletableFuture<Integer> cancelled = new CompletableFuture<>();
    private final CountDownLatch arrived = new CountDownLatch(1);

    @Test
    void whileTheBackEndThinks() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            arrived.countDown();
            cancelled.complete(server.read());
        }));
        leaves(client().send(GET));
    }

    @Test
    void whileTheBackEndThinksAboutAPost() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.text(2);
            arrived.countDown();
            cancelled.complete(server.read());
        }));
        leaves(client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 2\r\n\r\nhi"));
    }

    @Test
    void whileTheAnswerStreams() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            cancelled.complete(server.read());
        }));
        Wire client = client().send(GET);
        client.head();
        client.chunk();
        arrived.countDown();
        leaves(client);
    }

    @Test
    void whileItUploads() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.text(5);
            arrived.countDown();
            cancelled.complete(server.read());
        }));
        leaves(client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 100\r\n\r\nhello"));
    }

    @Test
    void whileItsBackEndIsBeingConnected() throws Exception {
        // It accepts, but never agrees on TLS.
        ScriptedBackend a = backend("a", server -> {
            server.read();
            arrived.countDown();
            int last = 0;
            while (last >= 0) {
                last = server.read();
            }
            cancelled.complete(last);
        });
        gateway(settings -> {}, server -> {}, Backend.of("a", "https://127.0.0.1:" + a.port()));
        leaves(client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 2\r\n\r\nhi"));
    }

    @Test
    void withAReset() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            arrived.countDown();
            cancelled.complete(server.read());
        }));
        Wire client = client().send(GET);
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        client.reset();
        assertThat(cancelled.get(20, TimeUnit.SECONDS)).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    private void leaves(Wire client) throws Exception {
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        client.close();
        assertThat(cancelled.get(20, TimeUnit.SECONDS))
                .as("the back end sees the end")
                .isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }
}
