package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import dev.remora.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A side that stops reading stops the other side's socket. Kernel buffers on loopback take some megabytes, so a sender
 * of much more than that must come to a halt.
 */
final class BackpressureTest extends GatewayFixture {

    private static final long ENDLESS = 256L * 1024 * 1024;
    private static final long BOUND = 48L * 1024 * 1024;
    private static final int PIECE = 64 * 1024;

    private final AtomicLong sent = new AtomicLong();

    @Test
    void clientThatDoesNotReadStopsItsBackEnd() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + ENDLESS + "\r\n\r\n");
            pour(server, ENDLESS);
        }));
        Wire client = client().send(GET);
        client.head();
        stalls();
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void slowReaderGetsItAllInTheEnd() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + ENDLESS + "\r\n\r\n");
            pour(server, ENDLESS);
        }));
        Wire client = client().send(GET);
        client.head();
        stalls();
        drain(client, ENDLESS);
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void backEndThatDoesNotReadStopsTheUpload() throws Exception {
        CompletableFuture<Void> read = new CompletableFuture<>();
        gateway(backend("a", server -> {
            server.head();
            read.join();
            drain(server, ENDLESS);
            server.send(OK);
        }));
        Wire client = client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: " + ENDLESS + "\r\n\r\n");
        Thread uploader = new Thread(() -> pour(client, ENDLESS));
        uploader.start();
        stalls();
        read.complete(null);
        assertThat(client.response()).endsWith("ok");
        uploader.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void tunnelIsHeldInBothDirections() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send(lines("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: pipe"));
            pour(server, ENDLESS);
        }));
        Wire client = client().send(lines("GET / HTTP/1.1", "Host: chat.test", "Connection: upgrade", "Upgrade: pipe"));
        client.head();
        stalls();
        drain(client, ENDLESS);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void pipeliningWithoutEndIsHeld() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        gateway(backend("a", server -> {
            server.head();
            arrived.countDown();
            end.await();
        }));
        Wire client = client().send(GET);
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        Thread flood = new Thread(() -> {
            try {
                byte[] requests = GET.repeat(PIECE / GET.length()).getBytes(StandardCharsets.US_ASCII);
                for (long left = ENDLESS; left > 0; left -= requests.length) {
                    client.send(requests);
                    sent.addAndGet(requests.length);
                }
            } catch (UncheckedIOException e) {
                // Closed at the end of the test.
            }
        });
        flood.start();
        stalls();
        assertThat(balancer().stats().openStreams())
                .as("the first request only")
                .isEqualTo(1);
        client.reset();
        end.countDown();
        flood.join(TimeUnit.SECONDS.toMillis(20));
    }

    @Test
    void chunkedUploadArrivesWhole() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            long total = 0;
            for (String chunk = server.chunk(); !chunk.isEmpty(); chunk = server.chunk()) {
                total += chunk.length();
            }
            server.line();
            String length = Long.toString(total);
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + length.length() + "\r\n\r\n" + length);
        }));
        Wire client = client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nTransfer-Encoding: chunked\r\n\r\n");
        byte[] chunk = ("10000\r\n" + "x".repeat(PIECE) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 512; i++) {
            client.send(chunk);
        }
        assertThat(client.send("0\r\n\r\n").response()).endsWith(Long.toString(512L * PIECE));
    }

    // Stalled: so many looks in a row found nothing new, after at least something had been taken.
    private void stalls() {
        long[] seen = {-1, 0};
        eventually("the sender stands still", () -> {
            long now = sent.get();
            boolean still = now == seen[0] && now > 0;
            seen[0] = now;
            seen[1] = still ? seen[1] : System.nanoTime();
            return still && System.nanoTime() - seen[1] > TimeUnit.MILLISECONDS.toNanos(400);
        });
        assertThat(sent.get()).as("bytes taken from the sender").isLessThan(BOUND);
    }

    private void pour(Wire to, long bytes) {
        byte[] piece = new byte[PIECE];
        for (long left = bytes; left > 0; left -= PIECE) {
            to.send(piece);
            sent.addAndGet(PIECE);
        }
    }

    private static void drain(Wire from, long bytes) {
        try {
            from.socket().setSoTimeout(20_000);
            from.skip(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
