package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import dev.remora.http.Timeouts;
import dev.remora.wire.Wire;
import io.netty.channel.WriteBufferWaterMark;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What counts as an idle client, and what does not. */
final class IdleClientTest extends GatewayFixture {

    private static final Duration SHORT = Duration.ofMillis(100);
    private static final int LARGE = 16 * 1024 * 1024;

    @Test
    void slowReaderOfTheLastAnswerGetsAllOfIt() throws Exception {
        gateway(
                settings -> {},
                server -> server.timeouts(Timeouts.defaults().withClientIdle(SHORT))
                        .handlers(pipeline -> {
                            // All of the answer is taken from the back end, though the client reads nothing.
                            pipeline.channel()
                                    .config()
                                    .setWriteBufferWaterMark(new WriteBufferWaterMark(LARGE, 2 * LARGE));
                        }),
                backend("a", server -> {
                    server.head();
                    server.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n")
                            .send(new byte[LARGE]);
                }));
        Wire client = client().send(GET);
        assertThat(outcome()).isEqualTo(Outcome.success());
        time.pass(SHORT.multipliedBy(3));
        client.head();
        assertThat(client.text(LARGE)).hasSize(LARGE);
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void connectionIsIdleAfterARefusedUpgrade() throws Exception {
        gateway(
                settings -> {},
                server -> server.timeouts(
                        Timeouts.defaults().withRequestHead(SHORT).withClientIdle(SHORT.multipliedBy(4))),
                answering("a", server -> {
                    assertThat(server.head()).isNotEmpty();
                    server.send(OK);
                }));
        Wire client = client().send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        assertThat(client.response()).endsWith("ok");
        time.pass(SHORT.multipliedBy(4));
        assertThat(client.rest()).as("no request has begun that could be late").isEmpty();
    }
}
