package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.Outcome;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A side that takes too long is told so, or left. */
final class TimeoutTest extends GatewayFixture {

    private static final Duration SHORT = Duration.ofMillis(100);

    @Test
    void slowHeadIsA408() {
        gateway(settings -> {}, server -> server.timeouts(Timeouts.defaults().withRequestHead(SHORT)), quiet());
        assertThat(client().send("GET / HTTP/1.1\r\nHost: a\r\nX: ").rest()).startsWith("HTTP/1.1 408 ");
        assertThat(client().send("\r\n").rest()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void slowHeadOfALaterRequestIsA408() {
        gateway(
                settings -> {},
                server -> server.timeouts(Timeouts.defaults().withRequestHead(SHORT)),
                answering("a", server -> {
                    assertThat(server.head()).isNotEmpty();
                    server.send(OK);
                }));
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(client.send("G").rest()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void drippingHeadGetsNoMoreTime() throws Exception {
        gateway(settings -> {}, server -> server.timeouts(Timeouts.defaults().withRequestHead(SHORT)), quiet());
        Wire client = client().send("GET / HTTP/1.1\r\n");
        Thread dripper = new Thread(() -> {
            try {
                while (true) {
                    client.send("X: y\r\n");
                    Thread.onSpinWait();
                }
            } catch (java.io.UncheckedIOException e) {
                // Closed, as it should be.
            }
        });
        dripper.start();
        String answer = client.rest();
        assertThat(answer).containsAnyOf("HTTP/1.1 408 ", "HTTP/1.1 431 ");
        client.close();
        dripper.join();
    }

    @Test
    void silentConnectionIsClosedWithoutAWord() {
        gateway(settings -> {}, server -> server.timeouts(Timeouts.defaults().withRequestHead(SHORT)), quiet());
        assertThat(client().rest()).isEmpty();
    }

    @Test
    void idleConnectionIsClosedWithoutAWord() {
        gateway(
                settings -> {},
                server -> server.timeouts(Timeouts.defaults().withClientIdle(SHORT)),
                answering("a", server -> {
                    assertThat(server.head()).isNotEmpty();
                    server.send(OK);
                }));
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void slowBodyIsA408() throws Exception {
        gateway(settings -> {}, server -> server.timeouts(Timeouts.defaults().withRequestBodyIdle(SHORT)), quiet());
        assertThat(client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
                        .rest())
                .startsWith("HTTP/1.1 408 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void streamThatIsNotIdleMayLastLongerThanAnyTimeout() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        gateway(
                settings -> {},
                server -> server.timeouts(new Timeouts(SHORT, SHORT, SHORT, Duration.ofSeconds(5), SHORT, SHORT)),
                backend("a", server -> {
                    server.head();
                    server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    while (!end.await(10, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                        server.send("1\r\nx\r\n");
                    }
                    server.send("0\r\n\r\n");
                }));
        long started = System.nanoTime();
        Wire client = client().send(GET);
        client.head();
        while (System.nanoTime() - started < SHORT.toNanos() * 5) {
            assertThat(client.chunk()).isEqualTo("x");
        }
        end.countDown();
        assertThat(client.chunked()).matches("x*");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void timeoutsMustBePositive() {
        assertThatThrownBy(() -> Timeouts.defaults().withConnect(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("connect: PT0S (expected: > 0, at most a year)");
    }

    private ScriptedBackend quiet() {
        return backend("a", server -> {
            server.head();
            server.rest();
        });
    }
}
