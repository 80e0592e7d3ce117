package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import dev.remora.wire.Wire;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** How the last bytes of an upgraded connection arrive. */
final class TunnelEndTest extends GatewayFixture {

    private static final int LARGE = 16 * 1024 * 1024;

    @Test
    void slowReaderGetsAllThatWasSentBeforeTheEnd() throws Exception {
        gateway(
                settings -> {},
                server -> server.handlers(pipeline -> {
                    // All is taken from the back end, though the client reads nothing.
                    pipeline.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(LARGE, 2 * LARGE));
                }),
                backend("a", server -> {
                    server.head();
                    server.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n");
                    server.send(new byte[LARGE]);
                    assertThat(server.read()).isEqualTo(-1);
                }));
        Wire client = client().send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n");
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        client.shutOutput();
        assertThat(outcome()).isEqualTo(Outcome.success());
        // Longer than a stream that is cut gets for its last bytes.
        time.pass(Duration.ofSeconds(6));
        assertThat(client.text(LARGE)).hasSize(LARGE);
        assertThat(client.read()).isEqualTo(-1);
    }

    // Whether the socket waits for nothing just before it must wait for its reader is a matter of luck.
    @RepeatedTest(20)
    void whatTheBackEndSendsAfterTheClientsEndArrivesToTheLastByte() throws Exception {
        CompletableFuture<Channel> accepted = new CompletableFuture<>();
        gateway(
                settings -> {},
                server -> server.handlers(pipeline -> accepted.complete(pipeline.channel())),
                backend("a", server -> {
                    server.head();
                    server.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n");
                    assertThat(server.read()).isEqualTo(-1);
                    server.send(new byte[LARGE]);
                }));
        Wire client = client().send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n");
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        client.shutOutput();
        eventually("the client's side is full", () -> !accepted.join().isWritable());
        assertThat(client.text(LARGE)).hasSize(LARGE);
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.success());
    }
}
