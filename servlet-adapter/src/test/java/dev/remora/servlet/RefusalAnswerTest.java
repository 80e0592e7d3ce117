package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.guard.Admission;
import dev.remora.servlet.Container.Http;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client gets whom the balancer refuses. */
@InEveryContainer
class RefusalAnswerTest {

    private final AtomicInteger asked = new AtomicInteger();

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeEach
    void open() {
        LoadBalancerBuilder config = LoadBalancer.builder().guard((request, visitor) -> {
            asked.incrementAndGet();
            return Admission.denied("tomorrow", Duration.ofSeconds(7));
        });
        gateway = new ServletGateway(base, config);
        gateway.serve("/", (request, response) -> {
            throw new IllegalStateException("the application was reached");
        });
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private void answering(RefusalAnswer answer) throws Exception {
        gateway.filter(new LoadBalancingFilter(gateway.balancer, answer)).start();
    }

    private static void assertHead(HttpResponse<?> response, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("retry-after")).contains("7");
        assertThat(response.headers().firstValue("cache-control")).contains("no-store");
    }

    private static void assertProblem(HttpResponse<String> response) {
        assertHead(response, 429);
        assertThat(response.headers().firstValue("content-type").orElseThrow()).startsWith("application/problem+json");
        assertThat(response.body()).contains("\"status\":429", "\"detail\":\"tomorrow\"");
    }

    @Test
    void itIsAProblemByDefault() throws Exception {
        gateway.balanced().start();
        assertProblem(gateway.get("/"));
    }

    @Test
    void aPageOfOnesOwnKeepsTheHead() throws Exception {
        answering((refusal, request, response) -> {
            response.setContentType("text/html");
            response.getWriter().print("<h1>" + refusal.problem().detail() + "</h1>");
        });
        HttpResponse<String> response = gateway.get("/");
        assertHead(response, 429);
        assertThat(response.headers().firstValue("content-type").orElseThrow()).startsWith("text/html");
        assertThat(response.body()).isEqualTo("<h1>tomorrow</h1>");
    }

    @Test
    void aStatusOfOnesOwnReplacesTheDefault() throws Exception {
        answering((refusal, request, response) -> response.setStatus(503));
        HttpResponse<String> response = gateway.get("/");
        assertHead(response, 503);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void aForwardAsksNoGuardAgain() throws Exception {
        gateway.serve("/full", (request, response) -> {
            assertThat(LoadBalancingFilter.lease(request)).isEmpty();
            response.getWriter().print("full");
        });
        answering((refusal, request, response) ->
                request.getRequestDispatcher("/full").forward(request, response));
        HttpResponse<String> response = gateway.get("/");
        assertHead(response, 429);
        assertThat(response.body()).isEqualTo("full");
        assertThat(asked).hasValue(1);
    }

    @Test
    void anErrorPageAsksNoGuardAgain() throws Exception {
        gateway.serve("/page", (request, response) -> response.getWriter().print("page"));
        gateway.errorPage(503, "/page");
        answering((refusal, request, response) -> response.sendError(503));
        HttpResponse<String> response = gateway.get("/");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("page");
        assertThat(asked).hasValue(1);
    }

    @Test
    void anAsynchronousAnswerIsSent() throws Exception {
        answering((refusal, request, response) -> {
            AsyncContext async = request.startAsync();
            async.start(() -> {
                print(async, "from another thread");
                async.complete();
            });
        });
        HttpResponse<String> response = gateway.get("/");
        assertHead(response, 429);
        assertThat(response.body()).isEqualTo("from another thread");
    }

    @Test
    void anAsynchronousDispatchAsksNoGuardAgain() throws Exception {
        gateway.serve("/full", (request, response) -> {
            assertThat(request.getDispatcherType()).isEqualTo(DispatcherType.ASYNC);
            response.getWriter().print("full");
        });
        answering((refusal, request, response) -> request.startAsync().dispatch("/full"));
        HttpResponse<String> response = gateway.get("/");
        assertHead(response, 429);
        assertThat(response.body()).isEqualTo("full");
        assertThat(asked).hasValue(1);
    }

    @Test
    void theProblemIsSentInPlaceOfAnAnswerThatThrows() throws Exception {
        answering((refusal, request, response) -> {
            response.setContentType("text/html");
            response.getWriter().print("half a pa");
            throw new IllegalStateException("no template");
        });
        assertProblem(gateway.get("/"));
    }

    @Test
    void anAnswerThatThrowsMidwayIsNotMended() throws Exception {
        answering((refusal, request, response) -> {
            response.getWriter().print("half a pa");
            response.flushBuffer();
            throw new ServletException("no template");
        });
        if (Container.present().cutsWhatThrows(Http.ONE)) {
            assertThatThrownBy(() -> gateway.get("/")).isInstanceOf(IOException.class);
        } else {
            assertThat(gateway.get("/").body()).isEqualTo("half a pa");
        }
    }

    private static void print(AsyncContext async, String text) {
        try {
            async.getResponse().getWriter().print(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
