package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadBalancer;
import dev.remora.wire.Eventually;
import dev.remora.wire.Wire;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container does by itself, without the adapter: what {@link Container} tells is so. */
@InEveryContainer
class ContainerTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeEach
    void open() {
        gateway = new ServletGateway(base, LoadBalancer.builder());
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
    }

    @Test
    void itIsTheProductThatItsNameSays() throws Exception {
        gateway.serve(
                "/",
                (request, response) -> response.getWriter()
                        .print(request.getServletContext().getServerInfo() + ", Servlet 6."
                                + request.getServletContext().getMinorVersion()));
        gateway.start();
        assertThat(gateway.get("/").body())
                .startsWith(Container.present().product())
                .endsWith(", Servlet 6." + Container.present().servletMinorVersion());
    }

    @Test
    void itsThreadsEndWithIt() throws Exception {
        Set<Thread> before = threads();
        gateway.serve("/", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.start(async::complete);
        });
        gateway.start();
        assertThat(gateway.get("/").statusCode()).isEqualTo(200);
        gateway.close();
        Eventually.holds("the end of its threads", Duration.ofSeconds(20), () -> before.containsAll(threads()));
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("HttpClient-"))
                .collect(Collectors.toSet());
    }

    @Test
    void busyThreadsAreThoseThatServe() throws Exception {
        CountDownLatch in = new CountDownLatch(3);
        CountDownLatch out = new CountDownLatch(1);
        gateway.serve("/", (request, response) -> {
            in.countDown();
            out.await();
        });
        gateway.start();
        Wire[] clients = {wire(GET), wire(GET), wire(GET)};
        in.await();
        assertThat(gateway.busyThreads()).isEqualTo(3);
        out.countDown();
        for (Wire client : clients) {
            assertThat(client.head()).startsWith("HTTP/1.1 200");
            client.close();
        }
    }

    private Wire wire(String request) throws IOException {
        return new Wire(gateway.raw(request));
    }

    @Test
    void aClosedIdleConnectionIsNoticedByNobody() throws Exception {
        CompletableFuture<AsyncContext> serving = new CompletableFuture<>();
        gateway.serve("/", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            print(async, "begun");
            serving.complete(async);
        });
        gateway.start();
        AsyncContext async;
        try (Wire client = wire(GET)) {
            client.head();
            async = serving.get(20, TimeUnit.SECONDS);
            client.socket().setSoLinger(true, 0);
        }
        // To see that nothing comes would take a pause. That the request is still there is what a test can see.
        assertThat(async.getRequest().isAsyncStarted()).isTrue();
        async.complete();
    }

    @Test
    void aBrokenUploadIsToldToItsListener() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        gateway.serve("/", (request, response) -> {
            AsyncContext async = request.startAsync();
            ServletInputStream in = request.getInputStream();
            in.setReadListener(new ReadListener() {
                @Override
                public void onDataAvailable() throws IOException {
                    while (in.isReady() && in.read() >= 0) {
                        told.add("data");
                    }
                }

                @Override
                public void onAllDataRead() {
                    told.add("all");
                }

                @Override
                public void onError(Throwable t) {
                    told.add("error");
                    completeIfNeedBe(async);
                }
            });
        });
        gateway.start();
        try (Wire client = wire("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nx")) {
            assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("data");
            client.socket().setSoLinger(true, 0);
        }
        assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("error");
    }

    private static void completeIfNeedBe(AsyncContext async) {
        try {
            async.complete();
        } catch (IllegalStateException e) {
            // The container does it by itself.
        }
    }

    @Test
    void aHalfClosedClientGetsItsAnswer() throws Exception {
        CompletableFuture<AsyncContext> serving = new CompletableFuture<>();
        gateway.serve("/", (request, response) -> serving.complete(request.startAsync()));
        gateway.start();
        try (Wire client = wire(GET)) {
            AsyncContext async = serving.get(20, TimeUnit.SECONDS);
            client.socket().shutdownOutput();
            print(async, "late");
            async.complete();
            assertThat(client.head()).startsWith("HTTP/1.1 200");
            assertThat(client.chunked()).isEqualTo("late");
        }
    }

    @Test
    void trailersPassBothWays() throws Exception {
        gateway.serve("/", (request, response) -> {
            response.setTrailerFields(() -> Map.of("x-sum", "7"));
            request.getInputStream().readAllBytes();
            assertThat(request.isTrailerFieldsReady()).isTrue();
            response.getOutputStream().print(request.getTrailerFields().toString());
            response.flushBuffer();
        });
        gateway.start();
        try (Wire client =
                wire("POST / HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n")) {
            client.send("2\r\nhi\r\n0\r\nx-check: 5\r\n\r\n");
            client.head();
            assertThat(client.chunked()).isEqualTo("{x-check=5}|x-sum: 7");
        }
    }

    @Test
    void theLastResponseOfAConnectionIsChunkedOrNot() throws Exception {
        gateway.serve("/", (request, response) -> {
            response.getOutputStream().print("text");
            response.flushBuffer();
        });
        gateway.start();
        try (Wire client = wire("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")) {
            assertThat(client.head().contains("chunked"))
                    .isEqualTo(Container.present().chunksLastResponses());
        }
    }

    @Test
    void anUpgradedConnectionIsHeldOpenOrNot() throws Exception {
        gateway.serve("/", (request, response) -> {
            response.setStatus(101);
            response.setHeader("Connection", "Upgrade");
            response.setHeader("Upgrade", "echo");
            upgrade(request);
        });
        gateway.start();
        try (Wire client = wire("GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")) {
            assertThat(client.head()).startsWith("HTTP/1.1 101");
            if (Container.present().upgradesRequestsWithoutBody()) {
                client.send("ping");
                assertThat(client.text(4)).isEqualTo("ping");
                client.socket().shutdownOutput();
            }
            assertThat(client.text(4)).as("the answer to an end").isEqualTo("over");
        }
    }

    // A method for itself, or javac would call the request's attributes leaked.
    private static void upgrade(HttpServletRequest request) throws IOException {
        try {
            request.upgrade(EchoHandler.class);
        } catch (jakarta.servlet.ServletException e) {
            throw new IOException(e);
        }
    }

    private static void print(AsyncContext async, String text) {
        try {
            async.getResponse().getOutputStream().print(text);
            async.getResponse().flushBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends back what comes, and says so at the end. Public for the container. */
    public static final class EchoHandler implements HttpUpgradeHandler {

        /** For the container. */
        public EchoHandler() {}

        @Override
        public void init(WebConnection connection) {
            try {
                connection.getOutputStream().setWriteListener(new Echo(connection));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void destroy() {}
    }

    private static final class Echo implements ReadListener, WriteListener {

        private final WebConnection connection;
        private final ServletInputStream in;
        private final ServletOutputStream out;
        private boolean begun;

        Echo(WebConnection connection) throws IOException {
            this.connection = connection;
            this.in = connection.getInputStream();
            this.out = connection.getOutputStream();
        }

        @Override
        public void onWritePossible() {
            if (!begun) {
                begun = true;
                in.setReadListener(this);
            }
        }

        @Override
        public void onDataAvailable() throws IOException {
            byte[] bytes = new byte[100];
            while (in.isReady()) {
                int read = in.read(bytes);
                if (read < 0) {
                    return;
                }
                send(new String(bytes, 0, read, StandardCharsets.ISO_8859_1));
            }
        }

        // What is so short always fits.
        private void send(String text) throws IOException {
            if (out.isReady()) {
                out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            }
            if (out.isReady()) {
                out.flush();
            }
        }

        @Override
        public void onAllDataRead() throws IOException {
            send("over");
            close();
        }

        @Override
        public void onError(Throwable t) {}

        private void close() throws IOException {
            try {
                connection.close();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }
}
