package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.Outcome;
import dev.remora.http.Timeouts;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A side that takes too long is told so, or left. */
final class TimeoutTest extends GatewayFixture {

    private static final Duration SHORT = Duration.ofMillis(100);

    private final AtomicInteger arrived = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: a\r\nX: ", "G", "\r\n"})
    void slowHeadIsA408(String beginning) throws Exception {
        gateway(settings -> {}, server -> timeouts(server, Timeouts.defaults().withRequestHead(SHORT)), quiet());
        Wire client = client().send(beginning);
        arrived(beginning.length());
        time.pass(SHORT);
        assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void slowHeadOfALaterRequestIsA408() throws Exception {
        gateway(
                settings -> {},
                server -> timeouts(server, Timeouts.defaults().withRequestHead(SHORT)),
                answering("a", server -> {
                    assertThat(server.head()).isNotEmpty();
                    server.send(OK);
                }));
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        time.pass(SHORT);
        client.send("G");
        arrived(GET.length() + 1);
        time.pass(SHORT);
        assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void drippingHeadGetsNoMoreTime() throws Exception {
        gateway(settings -> {}, server -> timeouts(server, Timeouts.defaults().withRequestHead(SHORT)), quiet());
        Wire client = client().send("GET / HTTP/1.1\r\n");
        int sent = 16;
        for (int i = 0; i < 3; i++) {
            arrived(sent);
            time.pass(SHORT.dividedBy(4));
            client.send("X: y\r\n");
            sent += 6;
        }
        arrived(sent);
        time.pass(SHORT.dividedBy(4));
        assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void silentConnectionIsClosedWithoutAWord() throws Exception {
        GatewayServer gateway = gateway(
                settings -> {}, server -> server.timeouts(Timeouts.defaults().withRequestHead(SHORT)), quiet());
        Wire client = client();
        eventually("the client is connected", () -> gateway.openConnections() == 1);
        time.pass(SHORT);
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void idleConnectionIsClosedWithoutAWord() throws Exception {
        gateway(
                settings -> {},
                server -> server.timeouts(Timeouts.defaults().withClientIdle(SHORT)),
                answering("a", server -> {
                    assertThat(server.head()).isNotEmpty();
                    server.send(OK);
                }));
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        time.pass(SHORT);
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void slowBodyIsA408() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        gateway(
                settings -> {},
                server -> server.timeouts(Timeouts.defaults().withRequestBodyIdle(SHORT)),
                backend("a", server -> {
                    server.head();
                    server.text(3);
                    begun.countDown();
                    server.rest();
                }));
        Wire client = client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        time.pass(SHORT);
        assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void bodyThatStopsAfterItsAnswerHasBegunIsTheClientsFault() throws Exception {
        gateway(
                settings -> {},
                server -> server.timeouts(Timeouts.defaults().withStreamIdle(SHORT)),
                backend("a", server -> {
                    server.head();
                    server.text(3);
                    server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    server.rest();
                }));
        Wire client = client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
        client.head();
        time.pass(SHORT);
        assertThat(client.rest()).as("no last chunk").isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void bodyThatStopsThoughItHasBegunWithoutA100IsA408() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        gateway(
                settings -> {},
                server -> server.timeouts(
                        Timeouts.defaults().withRequestBodyIdle(SHORT).withFirstByte(SHORT)),
                backend("a", server -> {
                    server.head();
                    server.text(3);
                    begun.countDown();
                    server.rest();
                }));
        Wire client =
                client().send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\nabc");
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        time.pass(SHORT);
        assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void streamThatIsNotIdleMayLastLongerThanAnyTimeout() throws Exception {
        SynchronousQueue<String> chunks = new SynchronousQueue<>();
        gateway(
                settings -> {},
                server -> server.timeouts(new Timeouts(SHORT, SHORT, SHORT, SHORT, SHORT, SHORT)),
                backend("a", server -> {
                    server.head();
                    server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (String chunk = chunks.take(); !chunk.isEmpty(); chunk = chunks.take()) {
                        server.send("1\r\n" + chunk + "\r\n");
                    }
                    server.send("0\r\n\r\n");
                }));
        Wire client = client().send(GET);
        client.head();
        for (int i = 0; i < 10; i++) {
            time.pass(SHORT.dividedBy(2));
            chunks.put("x");
            assertThat(client.chunk()).isEqualTo("x");
        }
        chunks.put("");
        assertThat(client.chunked()).isEmpty();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void timeoutsMustBePositive() {
        assertThatThrownBy(() -> Timeouts.defaults().withConnect(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("connect: PT0S (expected: > 0, at most a year)");
    }

    private void timeouts(GatewayServer.Builder server, Timeouts timeouts) {
        server.timeouts(timeouts).handlers(pipeline -> pipeline.addFirst(new Arrivals()));
    }

    // The gateway has seen so many bytes of its client.
    private void arrived(int bytes) {
        eventually("all bytes have arrived", () -> arrived.get() == bytes);
    }

    private ScriptedBackend quiet() {
        return backend("a", server -> {
            server.head();
            server.rest();
        });
    }

    private final class Arrivals extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            arrived.addAndGet(((ByteBuf) message).readableBytes());
            ctx.fireChannelRead(message);
        }
    }
}
