package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.LoadBalancer;
import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.servlet.Container.Http;
import dev.remora.wire.Certificates;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that speak HTTP/2, over TLS. */
@InEveryContainer
class Http2LeaseTest {

    private static final StickyCookie COOKIE =
            StickyCookie.signedWith("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

    @TempDir
    static Path directory;

    private static Certificates certificates;

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = Certificates.forNames(directory, "ip:127.0.0.1");
    }

    @BeforeEach
    void open() throws Exception {
        gateway = new ServletGateway(base, LoadBalancer.builder().stickyCookie(COOKIE)).secured(certificates);
        gateway.balanced();
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
    }

    @Test
    void theClientStaysByItsCookie() throws Exception {
        gateway.serve(
                "/",
                (request, response) -> response.getWriter()
                        .print(LoadBalancingFilter.lease(request)
                                .orElseThrow()
                                .backend()
                                .id()
                                .value()));
        gateway.start();
        HttpResponse<String> first = gateway.get("/");
        assertThat(first.version()).isEqualTo(Version.HTTP_2);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        String cookie = first.headers().firstValue("set-cookie").orElseThrow();
        assertThat(cookie).contains("Secure");
        for (int i = 0; i < 5; i++) {
            HttpResponse<String> next = gateway.get("/", "Cookie", cookie.substring(0, cookie.indexOf(';')));
            assertThat(next.body()).isEqualTo(first.body());
            assertThat(next.headers().firstValue("set-cookie")).isEmpty();
            gateway.ended();
        }
    }

    @Test
    void streamsOfOneConnectionHaveALeaseEach() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        gateway.serve("/", (request, response) -> {
            AsyncContext async = request.startAsync();
            response.getOutputStream().print("a");
            response.flushBuffer();
            async.start(() -> {
                awaitThenPrint(more, async);
                async.complete();
            });
        });
        gateway.start();
        HttpResponse<InputStream> one = gateway.get("/", BodyHandlers.ofInputStream());
        HttpResponse<InputStream> other = gateway.get("/", BodyHandlers.ofInputStream());
        assertThat(one.body().read()).isEqualTo('a');
        assertThat(other.body().read()).isEqualTo('a');
        assertThat(gateway.openStreams()).isEqualTo(2);
        more.countDown();
        assertThat(one.body().readAllBytes()).isEqualTo(new byte[] {'z'});
        assertThat(other.body().readAllBytes()).isEqualTo(new byte[] {'z'});
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    private static void awaitThenPrint(CountDownLatch latch, AsyncContext async) {
        try {
            latch.await();
            async.getResponse().getOutputStream().print("z");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aClientThatResetsItsStreamEndsTheLease() throws Exception {
        gateway.serve("/", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            response.getOutputStream().print("begun");
            response.flushBuffer();
            if (!Container.present().tellsOfHttp2Resets()) {
                async.start(() -> writeUntilItFails(async));
            }
        });
        gateway.start();
        try (InputStream body = gateway.get("/", BodyHandlers.ofInputStream()).body()) {
            assertThat(body.read()).isEqualTo('b');
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    private static void writeUntilItFails(AsyncContext async) {
        try {
            ServletOutputStream out = async.getResponse().getOutputStream();
            while (true) {
                out.print("more");
                out.flush();
                LockSupport.parkNanos(1_000_000);
            }
        } catch (IOException gone) {
            async.complete();
        }
    }

    @Test
    void anExceptionAfterTheCommitIsTruncated() throws Exception {
        gateway.serve("/", (request, response) -> {
            response.getOutputStream().print("half");
            response.flushBuffer();
            throw new IllegalStateException("the back end broke off");
        });
        gateway.start();
        assertCut(Container.present().cutsWhatThrows(Http.TWO));
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void aDispatchThatBreaksOffIsTruncated() throws Exception {
        gateway.serve("/", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                throw new IllegalStateException("the back end broke off");
            }
            AsyncContext async = request.startAsync();
            response.getOutputStream().print("half");
            response.flushBuffer();
            async.dispatch();
        });
        gateway.start();
        assertCut(Container.present().cutsWhatThrowsInDispatch());
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void aTimeoutAfterTheCommitIsNobodysFault() throws Exception {
        gateway.serve("/", (request, response) -> {
            request.startAsync().setTimeout(Container.SHORT_TIMEOUT_MILLIS);
            response.getOutputStream().print("half");
            response.flushBuffer();
        });
        gateway.start();
        assertCut(Container.present().cutsWhatTimesOut());
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    private void assertCut(boolean cut) throws Exception {
        if (cut) {
            assertThatThrownBy(() -> gateway.get("/")).isInstanceOf(IOException.class);
        } else {
            assertThat(gateway.get("/").body()).isEqualTo("half");
        }
    }
}
