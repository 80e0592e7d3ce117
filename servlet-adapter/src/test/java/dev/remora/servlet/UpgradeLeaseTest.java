package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.wire.Wire;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that leave HTTP, and leases that leave the filter. */
@InEveryContainer
class UpgradeLeaseTest {

    private static final String UPGRADE =
            "GET /up HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n";

    @TempDir
    Path base;

    private final BlockingQueue<TestHandler> handlers = new LinkedBlockingQueue<>();
    private final BlockingQueue<Lease> leases = new LinkedBlockingQueue<>();
    private ServletGateway gateway;

    @BeforeEach
    void open() {
        StickyCookie cookie = StickyCookie.signedWith("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
        gateway = new ServletGateway(base, LoadBalancer.builder().stickyCookie(cookie)).balanced();
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private void agree(HttpServletResponse response) {
        response.setStatus(101);
        response.setHeader("Connection", "Upgrade");
        response.setHeader("Upgrade", "chat");
    }

    private void upgradeTo(Class<? extends TestHandler> type) throws Exception {
        gateway.serve("/up", (request, response) -> {
            agree(response);
            handlers.add(request.upgrade(type));
        });
        gateway.start();
    }

    private Wire ask() throws IOException {
        return new Wire(gateway.raw(UPGRADE));
    }

    private static void assertUpgraded(Wire client) {
        assertThat(client.head().toLowerCase(Locale.ROOT))
                .startsWith("http/1.1 101")
                .containsOnlyOnce("set-cookie: ");
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("what comes within 20 s").isNotNull();
        return next;
    }

    @Test
    void theLeaseLastsAsLongAsTheConnection() throws Exception {
        upgradeTo(TestHandler.class);
        try (Wire client = ask()) {
            assertUpgraded(client);
            WebConnection connection = next(handlers).connection.get(20, TimeUnit.SECONDS);
            assertThat(gateway.openStreams()).isEqualTo(1);
            assertThat(gateway.noneEnded()).isTrue();

            connection.close();
            assertThat(gateway.ended()).isEqualTo(Outcome.success());
        }
    }

    @Test
    void theLeaseEndsWhenTheClientCloses() throws Exception {
        assumeTrue(Container.present().upgradesRequestsWithoutBody());
        upgradeTo(ClosingHandler.class);
        try (Wire client = ask()) {
            assertUpgraded(client);
            TestHandler handler = next(handlers);
            handler.connection.get(20, TimeUnit.SECONDS);
            assertThat(gateway.noneEnded()).isTrue();
            client.socket().shutdownOutput();
            assertThat(gateway.ended()).isEqualTo(Outcome.success());
            handler.destroyed.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aHandlerThatCannotBeginEndsTheLease() throws Exception {
        upgradeTo(FailingHandler.class);
        try (Wire client = ask()) {
            assertThat(client.head()).startsWith("HTTP/1.1 101");
            assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
        }
    }

    @Test
    void anApplicationThatThrowsBehindTheUpgradeEndsTheLease() throws Exception {
        gateway.serve("/up", (request, response) -> {
            agree(response);
            handlers.add(request.upgrade(TestHandler.class));
            throw new ServletException("changed its mind");
        });
        gateway.start();
        try (Wire client = ask()) {
            assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
            client.socket().shutdownOutput();
            assertThat(next(handlers).connection)
                    .as("the connection is not handed over")
                    .isNotDone();
        }
    }

    @Test
    void aHandlerThatCannotBeMadeIsNamed() throws Exception {
        gateway.serve(
                "/up",
                (request, response) -> assertThatThrownBy(() -> request.upgrade(UnmadeHandler.class))
                        .isInstanceOf(ServletException.class)
                        .hasMessage("upgrade handler: " + UnmadeHandler.class.getName()
                                + " (expected: public, with a public no-argument constructor)"));
        gateway.start();
        try (Wire client = ask()) {
            assertThat(client.head()).startsWith("HTTP/1.1 200");
            assertThat(gateway.ended()).isEqualTo(Outcome.success());
        }
    }

    @Test
    void aLeaseThatWasTakenOverOutlivesTheRequest() throws Exception {
        gateway.serve("/taken", (request, response) -> {
            leases.add(LoadBalancingFilter.takeOver(request));
            leases.add(LoadBalancingFilter.takeOver(request));
            assertThatThrownBy(() -> LoadBalancingFilter.retry(request, Outcome.failure(FailureKind.CONNECT)))
                    .isInstanceOf(IllegalStateException.class);
        });
        gateway.start();
        assertThat(gateway.get("/taken").headers().allValues("set-cookie")).hasSize(1);
        Lease lease = next(leases);
        assertThat(next(leases)).isSameAs(lease);
        assertThat(gateway.openStreams()).isEqualTo(1);
        assertThat(gateway.noneEnded()).isTrue();

        assertThat(lease.complete(Outcome.cancelled())).isTrue();
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void neitherAnExceptionNorAsynchronyEndsALeaseThatWasTakenOver() throws Exception {
        gateway.serve("/thrown", (request, response) -> {
            leases.add(LoadBalancingFilter.takeOver(request));
            throw new ServletException("no matter");
        });
        gateway.serve("/async", (request, response) -> {
            leases.add(LoadBalancingFilter.takeOver(request));
            request.startAsync().complete();
        });
        gateway.start();
        assertThat(gateway.get("/thrown").statusCode()).isEqualTo(500);
        assertThat(gateway.get("/async").statusCode()).isEqualTo(200);
        for (int i = 0; i < 2; i++) {
            assertThat(next(leases).complete(Outcome.success())).isTrue();
            assertThat(gateway.ended()).isEqualTo(Outcome.success());
        }
    }

    @Test
    void aLeaseThatHasEndedCannotBeTakenOver() throws Exception {
        BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
        gateway.close();
        gateway = new ServletGateway(base, LoadBalancer.builder());
        gateway.filter((request, response, chain) -> {
            chain.doFilter(request, response);
            try {
                LoadBalancingFilter.takeOver((HttpServletRequest) request);
            } catch (IllegalStateException e) {
                thrown.add(e);
            }
        });
        gateway.balanced().serve("/", (request, response) -> {}).start();
        gateway.get("/");
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(next(thrown)).hasMessage("lease: ended (expected: takeOver before the end of the request)");
    }

    @Test
    void aHandlerOfALeaseThatWasTakenOverIsTheContainersToMake() throws Exception {
        gateway.serve("/up", (request, response) -> {
            leases.add(LoadBalancingFilter.takeOver(request));
            agree(response);
            handlers.add(request.upgrade(TestHandler.class));
        });
        gateway.start();
        try (Wire client = ask()) {
            assertUpgraded(client);
            next(handlers).connection.get(20, TimeUnit.SECONDS).close();
        }
        assertThat(gateway.noneEnded()).isTrue();
        assertThat(next(leases).complete(Outcome.success())).isTrue();
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    /** Keeps the connection. Public for the container, as all of these are. */
    public static class TestHandler implements HttpUpgradeHandler {

        final CompletableFuture<WebConnection> connection = new CompletableFuture<>();
        final CompletableFuture<Boolean> destroyed = new CompletableFuture<>();

        @Override
        public void init(WebConnection begun) {
            connection.complete(begun);
        }

        @Override
        public void destroy() {
            destroyed.complete(true);
        }
    }

    /** Closes when the client does. */
    public static final class ClosingHandler extends TestHandler {

        @Override
        public void init(WebConnection begun) {
            try {
                begun.getInputStream().setReadListener(new Drain(begun, begun.getInputStream()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            super.init(begun);
        }
    }

    private record Drain(WebConnection connection, ServletInputStream in) implements ReadListener {

        @Override
        public void onDataAvailable() throws IOException {
            byte[] piece = new byte[100];
            while (in.isReady()) {
                if (in.read(piece) < 0) {
                    onAllDataRead();
                    return;
                }
            }
        }

        @Override
        public void onAllDataRead() {
            try {
                connection.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void onError(Throwable t) {
            onAllDataRead();
        }
    }

    /** Cannot begin. */
    public static final class FailingHandler extends TestHandler {

        @Override
        public void init(WebConnection begun) {
            throw new IllegalStateException("no room");
        }
    }

    /** Has no constructor for the container. */
    public static final class UnmadeHandler extends TestHandler {

        /** Wants something. */
        public UnmadeHandler(String something) {
            destroyed.complete(something.isEmpty());
        }
    }
}
