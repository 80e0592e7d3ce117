package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadBalancer;
import dev.remora.exchange.Outcome;
import dev.remora.wire.Eventually;
import dev.remora.wire.Wire;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Long and large streams through the filter. The JVM of these tests is too small to hold such a body. */
@InEveryContainer
class StreamLeaseTest {

    private static final String GET = "GET /stream HTTP/1.1\r\nHost: test\r\n\r\n";
    private static final long GIGABYTE = 1L << 30;
    private static final byte[] PIECE = new byte[1 << 16];

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeEach
    void open() {
        gateway = new ServletGateway(base, LoadBalancer.builder()).balanced();
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
    }

    private Wire client(String request) throws IOException {
        return new Wire(gateway.raw(request));
    }

    @ParameterizedTest
    @EnumSource
    void everyEventArrivesBeforeTheNextIsWritten(Flush flush) throws Exception {
        Semaphore read = new Semaphore(0);
        gateway.serve("/stream", (request, response) -> {
            response.setContentType("text/event-stream");
            for (int i = 0; i < 20; i++) {
                flush.send(response, "data: " + i + "\n\n");
                assertThat(read.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            }
        });
        gateway.start();
        try (Wire client = client(GET)) {
            client.head();
            for (int i = 0; i < 20; i++) {
                assertThat(client.chunk()).isEqualTo("data: " + i + "\n\n");
                assertThat(gateway.openStreams()).isEqualTo(1);
                read.release();
            }
            assertThat(client.chunked()).isEmpty();
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void idleStreamsNeedNoThreads() throws Exception {
        int streams = 2_000;
        int threads = 50;
        Queue<AsyncContext> open = new ConcurrentLinkedQueue<>();
        gateway.workerThreads(threads).serve("/stream", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            response.getOutputStream().print("hello");
            response.flushBuffer();
            open.add(async);
        });
        gateway.start();
        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            Wire client = client(GET);
            clients.add(client);
            client.head();
            assertThat(client.chunk()).isEqualTo("hello");
        }
        Eventually.holds("all threads free", Duration.ofSeconds(20), () -> gateway.busyThreads() == 0);
        assertThat(gateway.openStreams()).isEqualTo(streams);
        open.forEach(AsyncContext::complete);
        for (Wire client : clients) {
            assertThat(client.chunked()).isEmpty();
            assertThat(gateway.ended()).isEqualTo(Outcome.success());
            client.close();
        }
    }

    @Test
    void aGigabyteIsReadInLittleMemory() throws Exception {
        gateway.serve("/upload", (request, response) -> {
            ServletInputStream body = request.getInputStream();
            byte[] piece = new byte[PIECE.length];
            long bytes = 0;
            for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
                bytes += read;
            }
            response.getWriter().print(bytes);
        });
        gateway.start();
        upload(GIGABYTE);
    }

    @Test
    void aLongBodyIsReadAsItComes() throws Exception {
        gateway.serve("/upload", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            ServletInputStream body = request.getInputStream();
            body.setReadListener(new ReadListener() {
                private final byte[] piece = new byte[PIECE.length];
                private long bytes;

                @Override
                public void onDataAvailable() throws IOException {
                    while (body.isReady() && !body.isFinished()) {
                        bytes += Math.max(0, body.read(piece));
                    }
                }

                @Override
                public void onAllDataRead() throws IOException {
                    response.getWriter().print(bytes);
                    async.complete();
                }

                @Override
                public void onError(Throwable t) {
                    async.complete();
                }
            });
        });
        gateway.start();
        upload(GIGABYTE);
    }

    private void upload(long bytes) throws Exception {
        try (Wire client = client("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: " + bytes + "\r\n\r\n")) {
            for (long sent = 0; sent < bytes; sent += PIECE.length) {
                client.send(PIECE);
            }
            String head = client.head();
            assertThat(head).startsWith("HTTP/1.1 200");
            String count = Long.toString(bytes);
            String body =
                    head.toLowerCase(Locale.ROOT).contains("chunked") ? client.chunked() : client.text(count.length());
            assertThat(body).isEqualTo(count);
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aSlowReaderStopsTheWriter() throws Exception {
        CountDownLatch stalled = new CountDownLatch(1);
        AtomicBoolean reading = new AtomicBoolean();
        AtomicLong written = new AtomicLong();
        gateway.serve("/stream", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            ServletOutputStream out = response.getOutputStream();
            out.setWriteListener(new WriteListener() {
                @Override
                public void onWritePossible() throws IOException {
                    while (out.isReady()) {
                        if (reading.get()) {
                            async.complete();
                            return;
                        }
                        out.write(PIECE);
                        written.addAndGet(PIECE.length);
                    }
                    stalled.countDown();
                }

                @Override
                public void onError(Throwable t) {}
            });
        });
        gateway.start();
        try (Wire client = client(GET)) {
            stalled.await();
            assertThat(gateway.openStreams()).isEqualTo(1);
            assertThat(written.get()).isLessThan(GIGABYTE / 16);
            reading.set(true);
            client.head();
            assertThat(client.chunked()).hasSize((int) written.get());
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aGigabyteIsWrittenInLittleMemory() throws Exception {
        gateway.serve("/stream", (request, response) -> {
            response.setContentLengthLong(GIGABYTE);
            for (long sent = 0; sent < GIGABYTE; sent += PIECE.length) {
                response.getOutputStream().write(PIECE);
            }
        });
        gateway.start();
        try (Wire client = client(GET)) {
            client.head();
            InputStream in = client.socket().getInputStream();
            client.skip(GIGABYTE);
            assertThat(in.available()).isZero();
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void trailersPassBothWays() throws Exception {
        gateway.serve("/upload", (request, response) -> {
            response.setTrailerFields(() -> Map.of("x-sum", "7"));
            request.getInputStream().readAllBytes();
            response.getOutputStream().print(request.getTrailerFields().toString());
            response.flushBuffer();
        });
        gateway.start();
        try (Wire client =
                client("POST /upload HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n")) {
            client.send("2\r\nhi\r\n0\r\nx-check: 5\r\n\r\n");
            client.head();
            assertThat(client.chunked()).isEqualTo("{x-check=5}|x-sum: 7");
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    /** The ways to send what was written so far. */
    enum Flush {
        BUFFER,
        STREAM,
        WRITER;

        void send(HttpServletResponse response, String text) {
            try {
                if (this == WRITER) {
                    PrintWriter writer = response.getWriter();
                    writer.print(text);
                    writer.flush();
                    return;
                }
                response.getOutputStream().print(text);
                if (this == STREAM) {
                    response.getOutputStream().flush();
                } else {
                    response.flushBuffer();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
