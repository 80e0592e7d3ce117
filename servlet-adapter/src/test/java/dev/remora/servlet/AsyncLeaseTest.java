package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.LoadBalancer;
import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.wire.Wire;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are answered after the filter has returned. */
@InEveryContainer
class AsyncLeaseTest {

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeEach
    void open() {
        StickyCookie cookie = StickyCookie.signedWith("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
        gateway = new ServletGateway(base, LoadBalancer.builder().stickyCookie(cookie));
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private static void print(AsyncContext async, String text) {
        try {
            async.getResponse().getOutputStream().print(text);
            async.getResponse().flushBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertCookie(HttpResponse<?> response) {
        assertThat(response.headers().allValues("set-cookie")).hasSize(1);
    }

    @Test
    void theLeaseStaysOpenWhileTheResponseStreams() throws Exception {
        CountDownLatch returned = new CountDownLatch(1);
        CountDownLatch more = new CountDownLatch(1);
        gateway.filter((request, response, chain) -> {
            chain.doFilter(request, response);
            returned.countDown();
        });
        gateway.balanced();
        gateway.serve("/stream", (request, response) -> {
            AsyncContext async = request.startAsync();
            response.setContentType("text/event-stream");
            async.start(() -> {
                print(async, "data: first\n");
                await(more);
                print(async, "data: last\n");
                async.complete();
            });
        });
        gateway.start();

        HttpResponse<InputStream> response = gateway.get("/stream", BodyHandlers.ofInputStream());
        assertCookie(response);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.US_ASCII))) {
            assertThat(lines.readLine()).isEqualTo("data: first");
            await(returned);
            assertThat(gateway.openStreams())
                    .as("open streams after the return")
                    .isEqualTo(1);
            assertThat(gateway.noneEnded()).isTrue();
            more.countDown();
            assertThat(lines.readLine()).isEqualTo("data: last");
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aCompletionBeforeTheReturnCountsOnce() throws Exception {
        gateway.balanced().serve("/quick", (request, response) -> {
            AsyncContext async = request.startAsync(request, response);
            Thread other = new Thread(() -> {
                print(async, "done");
                async.complete();
            });
            other.start();
            other.join();
        });
        gateway.start();
        HttpResponse<String> response = gateway.get("/quick");
        assertThat(response.body()).isEqualTo("done");
        assertCookie(response);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void anAnswerWithoutBodyCarriesTheCookie() throws Exception {
        gateway.balanced().serve("/empty", (request, response) -> {
            request.startAsync();
            AsyncContext async = request.getAsyncContext();
            async.start(() -> {
                response.setStatus(204);
                async.complete();
            });
        });
        gateway.start();
        HttpResponse<String> response = gateway.get("/empty");
        assertThat(response.statusCode()).isEqualTo(204);
        assertCookie(response);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aNonBlockingWriterIsServed() throws Exception {
        gateway.balanced().serve("/write", (request, response) -> {
            AsyncContext async = request.startAsync();
            ServletOutputStream out = response.getOutputStream();
            out.setWriteListener(new WriteListener() {
                private int left = 1_000;

                @Override
                public void onWritePossible() throws IOException {
                    while (out.isReady()) {
                        if (left-- == 0) {
                            async.complete();
                            return;
                        }
                        out.write(new byte[1_000]);
                    }
                }

                @Override
                public void onError(Throwable t) {}
            });
        });
        gateway.start();
        HttpResponse<byte[]> response = gateway.get("/write", BodyHandlers.ofByteArray());
        assertThat(response.body()).hasSize(1_000_000);
        assertCookie(response);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aListenerThatThrowsEndsTheLease() throws Exception {
        gateway.balanced().serve("/throw", (request, response) -> {
            request.startAsync();
            ServletOutputStream out = response.getOutputStream();
            out.print("half an ans");
            response.flushBuffer();
            out.setWriteListener(new WriteListener() {
                @Override
                public void onWritePossible() throws IOException {
                    throw new IOException("the back end broke off");
                }

                @Override
                public void onError(Throwable t) {}
            });
        });
        gateway.start();
        try (Wire client = new Wire(gateway.raw("GET /throw HTTP/1.1\r\nHost: test\r\n\r\n"))) {
            assertThat(client.head()).startsWith("HTTP/1.1 200");
            assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLeaseOutlivesASecondStartAsync(boolean filterSeesAsyncDispatches) throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        gateway.filter(
                new LoadBalancingFilter(gateway.balancer),
                true,
                filterSeesAsyncDispatches ? EnumSet.allOf(DispatcherType.class) : EnumSet.of(DispatcherType.REQUEST));
        gateway.serve("/twice", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                request.startAsync().dispatch();
                return;
            }
            AsyncContext async = request.startAsync();
            async.start(() -> {
                print(async, "first\n");
                await(more);
                print(async, "last\n");
                async.complete();
            });
        });
        gateway.start();
        HttpResponse<InputStream> response = gateway.get("/twice", BodyHandlers.ofInputStream());
        assertCookie(response);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.US_ASCII))) {
            assertThat(lines.readLine()).isEqualTo("first");
            assertThat(gateway.openStreams()).isEqualTo(1);
            assertThat(gateway.noneEnded()).isTrue();
            more.countDown();
            assertThat(lines.readLine()).isEqualTo("last");
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.picked()).isEqualTo(1);
    }

    @Test
    void aTimeoutBeforeTheCommitIsTheBackEndsFault() throws Exception {
        gateway.balanced()
                .serve(
                        "/silent",
                        (request, response) -> request.startAsync().setTimeout(Container.SHORT_TIMEOUT_MILLIS));
        gateway.start();
        assertThat(gateway.get("/silent").statusCode()).isEqualTo(500);
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.FIRST_BYTE_TIMEOUT));
    }

    @Test
    void aTimeoutAfterTheCommitIsNobodysFault() throws Exception {
        gateway.balanced().serve("/long", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(Container.SHORT_TIMEOUT_MILLIS);
            print(async, "begun");
        });
        gateway.start();
        if (Container.present().cutsWhatTimesOut()) {
            assertThatThrownBy(() -> gateway.get("/long")).isInstanceOf(IOException.class);
        } else {
            assertThat(gateway.get("/long").body()).isEqualTo("begun");
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void aTimeoutThatTheApplicationSurvivesDoesNotCount() throws Exception {
        gateway.balanced().serve("/again", (request, response) -> {
            AsyncContext async = request.startAsync();
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                async.setTimeout(Container.SHORT_TIMEOUT_MILLIS);
                async.addListener(new DispatchOnTimeout());
                return;
            }
            // Jetty goes on with the first.
            async.setTimeout(0);
            async.start(() -> {
                print(async, "late but whole");
                async.complete();
            });
        });
        gateway.start();
        HttpResponse<String> response = gateway.get("/again");
        assertThat(response.body()).isEqualTo("late but whole");
        assertCookie(response);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aDispatchThatAnswersWithoutBodyCarriesTheCookie() throws Exception {
        gateway.balanced().serve("/dispatched", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                request.startAsync().dispatch();
            } else {
                response.setStatus(204);
            }
        });
        gateway.start();
        HttpResponse<String> response = gateway.get("/dispatched");
        assertThat(response.statusCode()).isEqualTo(204);
        assertCookie(response);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void anExceptionInADispatchIsNoResponse() throws Exception {
        gateway.balanced().serve("/broken", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                throw new IllegalStateException("the back end is away");
            }
            request.startAsync().dispatch();
        });
        gateway.start();
        assertThat(gateway.get("/broken").statusCode()).isEqualTo(500);
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
    }

    @Test
    void anExceptionBehindStartAsyncIsNoResponse() throws Exception {
        gateway.balanced().serve("/broken", (request, response) -> {
            request.startAsync();
            throw new IllegalStateException("the back end is away");
        });
        gateway.start();
        // A client library might ask again when the connection closes without a word.
        try (Wire client = new Wire(gateway.raw("GET /broken HTTP/1.1\r\nHost: test\r\n\r\n"))) {
            assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
            boolean answered = Container.present().answersWhatThrowsBehindStartAsync();
            assertThat(client.head()).startsWith(answered ? "HTTP/1.1 500 " : "");
        }
    }

    @Test
    void aDispatchThatBreaksOffIsTruncated() throws Exception {
        gateway.balanced().serve("/broken", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                response.getWriter().print("half an ans");
                response.flushBuffer();
                throw new IllegalStateException("the back end broke off");
            }
            request.startAsync().dispatch();
        });
        gateway.start();
        if (Container.present().cutsWhatThrowsInDispatch()) {
            assertThatThrownBy(() -> gateway.get("/broken")).isInstanceOf(IOException.class);
        } else {
            assertThat(gateway.get("/broken").body()).isEqualTo("half an ans");
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void anErrorSentFromAnotherThreadCarriesTheCookie() throws Exception {
        gateway.balanced().serve("/error", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.start(() -> {
                sendError(response);
                async.complete();
            });
        });
        gateway.start();
        HttpResponse<String> response = gateway.get("/error");
        assertThat(response.statusCode()).isEqualTo(502);
        assertCookie(response);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aFilterWithoutAsyncSupportSaysWhatToChange() throws Exception {
        gateway.filter(new LoadBalancingFilter(gateway.balancer), false, EnumSet.of(DispatcherType.REQUEST));
        gateway.serve(
                "/async",
                (request, response) -> assertThatThrownBy(request::startAsync)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("asyncSupported: false (expected: true"
                                + " on LoadBalancingFilter and every other filter and servlet of the request,"
                                + " by registration.setAsyncSupported(true), @WebFilter(asyncSupported = true) or"
                                + " <async-supported> in web.xml)"));
        gateway.start();
        assertThat(gateway.get("/async").statusCode()).isEqualTo(200);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aLaterFilterWithoutAsyncSupportIsNamedToo() throws Exception {
        gateway.balanced();
        gateway.filter(
                (request, response, chain) -> chain.doFilter(request, response),
                false,
                EnumSet.of(DispatcherType.REQUEST));
        String whose = Container.present().asksFiltersForAsyncSupportInTurn()
                ? "every filter and servlet behind LoadBalancingFilter"
                : "LoadBalancingFilter and every other filter and servlet of the request";
        String words = Container.present().refusesAsyncItself()
                ? ""
                : "asyncSupported: false (expected: true on " + whose + ", by ";
        gateway.serve(
                "/async",
                (request, response) -> assertThatThrownBy(request::startAsync)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith(words));
        gateway.start();
        assertThat(gateway.get("/async").statusCode()).isEqualTo(200);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    private static void sendError(HttpServletResponse response) {
        try {
            response.sendError(502);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class DispatchOnTimeout implements AsyncListener {
        @Override
        public void onTimeout(AsyncEvent event) {
            event.getAsyncContext().dispatch();
        }

        @Override
        public void onComplete(AsyncEvent event) {}

        @Override
        public void onError(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }
}
