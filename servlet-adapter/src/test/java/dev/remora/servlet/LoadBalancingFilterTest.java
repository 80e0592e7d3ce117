package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.Refusal;
import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthPolicy;
import dev.remora.servlet.Container.Http;
import dev.remora.session.SessionMap;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are answered on the container's thread. */
@InEveryContainer
class LoadBalancingFilterTest {

    private static final StickyCookie COOKIE =
            StickyCookie.signedWith("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeEach
    void open() {
        gateway = new ServletGateway(base, sticky());
        gateway.serve("/", (request, response) -> response.getWriter().print(backend(request)));
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
    }

    private static LoadBalancerBuilder sticky() {
        return LoadBalancer.builder().stickyCookie(COOKIE);
    }

    private void reopen(LoadBalancerBuilder config) throws Exception {
        gateway.close();
        gateway = new ServletGateway(base, config);
        gateway.serve("/", (request, response) -> response.getWriter().print(backend(request)));
    }

    private static String backend(HttpServletRequest request) {
        return LoadBalancingFilter.lease(request).orElseThrow().backend().id().value();
    }

    private static String cookie(HttpResponse<?> response) {
        String set = response.headers().firstValue("set-cookie").orElseThrow();
        return set.substring(0, set.indexOf(';'));
    }

    @Test
    void theApplicationSeesTheLeaseAndItEndsWithTheReturn() throws Exception {
        gateway.balanced().start();
        assertThat(gateway.get("/").body()).isIn("a", "b");
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void theClientStaysByItsCookieAndGetsNoOther() throws Exception {
        gateway.balanced().start();
        HttpResponse<String> first = gateway.get("/");
        assertThat(first.headers().allValues("set-cookie")).hasSize(1);
        gateway.ended();
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> next = gateway.get("/", "Cookie", cookie(first));
            assertThat(next.body()).isEqualTo(first.body());
            assertThat(next.headers().allValues("set-cookie")).isEmpty();
            assertThat(gateway.ended()).isEqualTo(Outcome.success());
        }
    }

    @Test
    void everyWayToCommitCarriesTheCookieOnce() throws Exception {
        gateway.balanced()
                .serve("/nothing", (request, response) -> response.setStatus(204))
                .serve("/error", (request, response) -> response.sendError(418))
                .serve("/message", (request, response) -> response.sendError(418, "teapot"))
                .serve("/redirect", (request, response) -> response.sendRedirect("/elsewhere"))
                .serve("/flush", (request, response) -> response.flushBuffer())
                .serve(
                        "/byte",
                        (request, response) -> response.getOutputStream().write('x'))
                .serve(
                        "/print",
                        (request, response) -> response.getOutputStream().print("x"))
                .serve(
                        "/stream",
                        (request, response) -> response.getOutputStream().flush())
                .serve(
                        "/close",
                        (request, response) -> response.getOutputStream().close())
                .serve("/char", (request, response) -> response.getWriter().write('x'))
                .serve("/writer", (request, response) -> response.getWriter().flush())
                .serve("/closed", (request, response) -> response.getWriter().close())
                .serve(
                        "/large",
                        (request, response) -> response.getOutputStream().write(new byte[100_000]))
                .start();
        for (String path : new String[] {
            "/nothing",
            "/error",
            "/message",
            "/redirect",
            "/flush",
            "/byte",
            "/print",
            "/stream",
            "/close",
            "/char",
            "/writer",
            "/closed",
            "/large"
        }) {
            assertThat(gateway.get(path).headers().allValues("set-cookie"))
                    .as(path)
                    .hasSize(1);
            assertThat(gateway.ended()).as(path).isEqualTo(Outcome.success());
        }
    }

    @Test
    void aResetResponseKeepsTheCookie() throws Exception {
        gateway.serve("/reset", (request, response) -> {
            response.getWriter().print("a first thought");
            response.reset();
            response.getOutputStream().print("a second");
        });
        gateway.balanced().start();
        HttpResponse<String> response = gateway.get("/reset");
        assertThat(response.body()).isEqualTo("a second");
        assertThat(response.headers().allValues("set-cookie")).hasSize(1);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void anExceptionBeforeTheCommitIsNoResponse() throws Exception {
        gateway.serve("/throw", (request, response) -> {
            response.getWriter().print("not sent yet");
            throw new IOException("the back end is away");
        });
        gateway.balanced().start();
        assertThat(gateway.get("/throw").statusCode()).isEqualTo(500);
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
    }

    @Test
    void anExceptionAfterTheCommitIsTruncated() throws Exception {
        gateway.serve("/throw", (request, response) -> {
            response.getWriter().print("half an ans");
            response.flushBuffer();
            throw new IllegalStateException("the back end broke off");
        });
        gateway.balanced().start();
        if (Container.present().cutsWhatThrows(Http.ONE)) {
            assertThatThrownBy(() -> gateway.get("/throw")).isInstanceOf(IOException.class);
        } else {
            assertThat(gateway.get("/throw").body()).isEqualTo("half an ans");
        }
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void forwardsAndIncludesShareTheLease() throws Exception {
        gateway.serve(
                "/forward",
                (request, response) -> request.getRequestDispatcher("/include").forward(request, response));
        gateway.serve("/include", (request, response) -> {
            request.getRequestDispatcher("/").include(request, response);
            response.getWriter().print("+" + backend(request));
        });
        gateway.balanced().start();
        HttpResponse<String> response = gateway.get("/forward");
        assertThat(response.body()).isIn("a+a", "b+b");
        assertThat(response.headers().allValues("set-cookie")).hasSize(1);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.picked()).isEqualTo(1);
    }

    @Test
    void theContextPathIsPartOfTheCookiesPathAndOfNothingElse() throws Exception {
        gateway.contextPath("/app").balanced().start();
        HttpResponse<String> response = gateway.get("/app/");
        assertThat(response.body()).isIn("a", "b");
        assertThat(response.headers().firstValue("set-cookie").orElseThrow()).contains("Path=/;");
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aForwardToAnAnswerWithoutBodyCarriesTheCookie() throws Exception {
        gateway.serve(
                "/forward",
                (request, response) -> request.getRequestDispatcher("/empty").forward(request, response));
        gateway.serve("/empty", (request, response) -> response.setStatus(204));
        gateway.balanced().start();
        HttpResponse<String> response = gateway.get("/forward");
        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.headers().allValues("set-cookie")).hasSize(1);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void anErrorPageShowsAnException() throws Exception {
        gateway.serve("/page", (request, response) -> response.getWriter().print("sorry"));
        gateway.serve("/throw", (request, response) -> {
            throw new IllegalStateException("the back end is away");
        });
        gateway.errorPage(500, "/page").balanced().start();
        HttpResponse<String> response = gateway.get("/throw");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).isEqualTo("sorry");
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(gateway.picked()).isEqualTo(1);
    }

    @Test
    void wrappersBeforeAndBehindTheFilterHideNothing() throws Exception {
        Filter wrapping = (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request),
                new HttpServletResponseWrapper((HttpServletResponse) response));
        gateway.serve("/async", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.start(async::complete);
        });
        gateway.filter(wrapping).balanced().filter(wrapping).start();
        assertThat(gateway.get("/").headers().allValues("set-cookie")).hasSize(1);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.get("/async").headers().allValues("set-cookie")).hasSize(1);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aRequestThatIsNotHttpIsRefusedByName() {
        gateway.balanced();
        ServletRequest other = (ServletRequest) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ServletRequest.class},
                (proxy, method, args) -> "CUSTOM/1");
        ServletResponse answer = (ServletResponse) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ServletResponse.class}, (proxy, method, args) -> null);
        assertThatThrownBy(() ->
                        new LoadBalancingFilter(gateway.balancer).doFilter(other, answer, (request, response) -> {}))
                .isInstanceOf(ServletException.class)
                .hasMessage("request: CUSTOM/1 (expected: HTTP)");
    }

    @Test
    void anErrorPageTakesNoLease() throws Exception {
        gateway.serve(
                "/page",
                (request, response) -> response.getWriter()
                        .print("page, lease: "
                                + LoadBalancingFilter.lease(request).isPresent()));
        gateway.serve("/missing", (request, response) -> response.sendError(404));
        gateway.errorPage(404, "/page").balanced().start();
        assertThat(gateway.get("/missing").body()).isEqualTo("page, lease: true");
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.picked()).isEqualTo(1);
    }

    @Test
    void aSecondFilterTakesNoSecondLease() throws Exception {
        gateway.balanced().balanced().start();
        assertThat(gateway.get("/").headers().allValues("set-cookie")).hasSize(1);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.picked()).isEqualTo(1);
    }

    @Test
    void aResponseThatWasCommittedBeforeIsServedWithoutCookie() throws Exception {
        gateway.filter((request, response, chain) -> {
            response.flushBuffer();
            chain.doFilter(request, response);
        });
        gateway.balanced().start();
        HttpResponse<String> response = gateway.get("/");
        assertThat(response.body()).isIn("a", "b");
        assertThat(response.headers().allValues("set-cookie")).isEmpty();
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aRefusalAfterTheCommitGoesNoFurther() throws Exception {
        gateway.filter((request, response, chain) -> {
            response.flushBuffer();
            chain.doFilter(request, response);
        });
        gateway.balanced().start();
        gateway.balancer.close();
        if (Container.present().cutsWhatThrows(Http.ONE)) {
            assertThatThrownBy(() -> gateway.get("/")).isInstanceOf(IOException.class);
        } else {
            assertThat(gateway.get("/").body()).isEmpty();
        }
    }

    @Test
    void aRetryMovesTheRequestAndTheCookieIsOfTheLastBackEnd() throws Exception {
        gateway.serve("/retry", (request, response) -> {
            String first = backend(request);
            Lease next = (Lease) LoadBalancingFilter.retry(request, new Outcome.Failure(FailureKind.CONNECT));
            assertThat(backend(request)).isEqualTo(next.backend().id().value()).isNotEqualTo(first);
            response.getWriter().print(backend(request));
        });
        gateway.balanced().start();
        HttpResponse<String> retried = gateway.get("/retry");
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
        assertThat(gateway.get("/", "Cookie", cookie(retried)).body()).isEqualTo(retried.body());
        gateway.ended();
    }

    @Test
    void aRefusedRetryTiesTheClientToNobody() throws Exception {
        gateway.serve("/retry", (request, response) -> {
            LoadBalancingFilter.retry(request, new Outcome.Failure(FailureKind.CONNECT));
            Refusal refusal = (Refusal) LoadBalancingFilter.retry(request, new Outcome.Failure(FailureKind.CONNECT));
            response.sendError(refusal.problem().status());
        });
        gateway.balanced().start();
        HttpResponse<String> response = gateway.get("/retry");
        assertThat(response.statusCode()).isEqualTo(502);
        assertThat(response.headers().allValues("set-cookie")).isEmpty();
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
        assertThat(gateway.ended()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
    }

    @Test
    void retryNeedsALeaseAndAnUnstartedResponse() throws Exception {
        gateway.serve("/late", (request, response) -> {
            response.getWriter().print("begun");
            assertThatThrownBy(() -> LoadBalancingFilter.retry(request, new Outcome.Failure(FailureKind.NO_RESPONSE)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("response: started (expected: retry before anything is written)");
        });
        gateway.balanced().start();
        assertThat(gateway.get("/late").body()).isEqualTo("begun");
        assertThat(gateway.ended()).isEqualTo(Outcome.success());

        HttpServletRequest stranger = (HttpServletRequest) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {HttpServletRequest.class}, (proxy, method, args) -> null);
        assertThat(LoadBalancingFilter.lease(stranger)).isEmpty();
        assertThatThrownBy(() -> LoadBalancingFilter.retry(stranger, new Outcome.Failure(FailureKind.CONNECT)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("lease: none (expected: a request that passed LoadBalancingFilter)");
    }

    @Test
    void aSlowSessionMapIsWaitedFor() throws Exception {
        SessionMap local = SessionMap.local(100, Duration.ofMinutes(1));
        SessionMap remote = (SessionMap) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {SessionMap.class}, (proxy, method, args) -> {
                    Object known = method.invoke(local, args);
                    return known instanceof CompletableFuture<?> future ? future.thenApplyAsync(found -> found) : known;
                });
        reopen(LoadBalancer.builder()
                .affinity(AffinityRule.header("x-user"))
                .sessions(remote)
                .health(HealthPolicy.maxFails(1, Duration.ofSeconds(1))));
        gateway.balanced().start();
        String first = gateway.get("/", "x-user", "7").body();
        gateway.ended();
        for (int i = 0; i < 5; i++) {
            assertThat(gateway.get("/", "x-user", "7").body()).isEqualTo(first);
            gateway.ended();
        }
    }

    @Test
    void withoutABalancerNothingIsMade() {
        String named = "balancer: null (expected: the one that picks back ends)";
        assertThatThrownBy(() -> new LoadBalancingFilter(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage(named);
        assertThatThrownBy(() -> ReverseProxyServlet.builder(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage(named);
    }
}
