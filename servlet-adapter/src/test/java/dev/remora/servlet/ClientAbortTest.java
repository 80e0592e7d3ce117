package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadBalancer;
import dev.remora.exchange.Outcome;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that leave before the end: no fault of any back end. */
@InEveryContainer
class ClientAbortTest {

    private static final byte[] CHUNK = new byte[8_192];

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeEach
    void open() {
        gateway = new ServletGateway(base, LoadBalancer.builder()).balanced();
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    /** Sends a request, reads some of the answer, and resets the connection. */
    private void leaveMidStream(String path) throws IOException {
        try (Socket socket = gateway.raw("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n")) {
            assertThat(socket.getInputStream().readNBytes(100)).hasSize(100);
            socket.setSoLinger(true, 0);
        }
    }

    @Test
    void aFailingWriteEndsTheLease() throws Exception {
        gateway.serve("/stream", (request, response) -> {
            while (true) {
                response.getOutputStream().write(CHUNK);
                response.flushBuffer();
            }
        });
        gateway.start();
        leaveMidStream("/stream");
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void aFailingWriterEndsTheLease() throws Exception {
        gateway.serve("/stream", (request, response) -> {
            PrintWriter writer = response.getWriter();
            while (!writer.checkError()) {
                writer.print("x".repeat(1_000));
            }
        });
        gateway.start();
        leaveMidStream("/stream");
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void aFailingWriteOnAnotherThreadEndsTheLeaseAtOnce() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<Void> application = new CompletableFuture<>();
        gateway.serve("/stream", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            Thread writer = new Thread(() -> {
                try {
                    while (true) {
                        async.getResponse().getOutputStream().write(CHUNK);
                        async.getResponse().flushBuffer();
                    }
                } catch (IOException gone) {
                    awaitThenComplete(ended, async);
                    application.complete(null);
                }
            });
            writer.start();
        });
        gateway.start();
        leaveMidStream("/stream");
        assertThat(gateway.ended()).as("before the application completes").isEqualTo(Outcome.cancelled());
        ended.countDown();
        application.join();
    }

    @Test
    void anAbortedUploadIsNoFaultOfTheBackEnd() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        gateway.serve("/upload", (request, response) -> {
            ServletInputStream body = request.getInputStream();
            assertThat(body.read()).isEqualTo('x');
            reading.countDown();
            body.readAllBytes();
        });
        gateway.start();
        try (Socket socket = gateway.raw("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nx")) {
            reading.await();
            socket.setSoLinger(true, 0);
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void anAbortedUploadIsNoFaultOfTheBackEndToAListenerEither() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        gateway.serve("/upload", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            ServletInputStream body = request.getInputStream();
            body.setReadListener(new ReadListener() {
                @Override
                public void onDataAvailable() throws IOException {
                    while (body.isReady() && body.read() >= 0) {
                        reading.countDown();
                    }
                }

                @Override
                public void onAllDataRead() {}

                @Override
                public void onError(Throwable t) {
                    complete(async);
                }
            });
        });
        gateway.start();
        try (Socket socket = gateway.raw("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nx")) {
            reading.await();
            socket.setSoLinger(true, 0);
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void anAbortedTextIsNoFaultOfTheBackEnd() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        gateway.serve("/upload", (request, response) -> {
            BufferedReader body = request.getReader();
            assertThat(body.readLine()).isEqualTo("x");
            reading.countDown();
            body.readLine();
        });
        gateway.start();
        try (Socket socket = gateway.raw("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nx\n")) {
            reading.await();
            socket.setSoLinger(true, 0);
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    private static void awaitThenComplete(CountDownLatch latch, AsyncContext async) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        complete(async);
    }

    private static void complete(AsyncContext async) {
        try {
            async.complete();
        } catch (IllegalStateException e) {
            // The container has completed the request by itself already.
        }
    }
}
