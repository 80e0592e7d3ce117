package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.remora.LoadBalancer;
import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.Outcome;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Servlet 6.1 adds commits nothing behind the filter's back, though the filter is compiled against 6.0. */
@InEveryContainer
class Servlet61Test {

    @TempDir
    Path base;

    private ServletGateway gateway;

    @BeforeEach
    void open() {
        assumeTrue(Container.present().servletMinorVersion() >= 1);
        StickyCookie cookie = StickyCookie.signedWith("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
        gateway = new ServletGateway(base, LoadBalancer.builder().stickyCookie(cookie)).balanced();
    }

    @AfterEach
    void close() throws Exception {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void assertRedirect(int status) throws Exception {
        gateway.start();
        HttpResponse<String> response = gateway.get("/redirect");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("location").orElseThrow()).endsWith("/elsewhere");
        assertThat(response.headers().allValues("set-cookie")).hasSize(1);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    @Test
    void aRedirectWithAStatusCarriesTheCookie() throws Exception {
        gateway.serve(
                "/redirect",
                (request, response) ->
                        call(HttpServletResponse.class, response, types(String.class, int.class), "/elsewhere", 307));
        assertRedirect(307);
    }

    @Test
    void aRedirectThatKeepsTheBufferCarriesTheCookie() throws Exception {
        gateway.serve(
                "/redirect",
                (request, response) -> call(
                        HttpServletResponse.class, response, types(String.class, boolean.class), "/elsewhere", false));
        assertRedirect(302);
    }

    @Test
    void aRedirectWithBothCarriesTheCookie() throws Exception {
        gateway.serve(
                "/redirect",
                (request, response) -> call(
                        HttpServletResponse.class,
                        response,
                        types(String.class, int.class, boolean.class),
                        "/elsewhere",
                        308,
                        true));
        assertRedirect(308);
    }

    @Test
    void aBufferCarriesTheCookie() throws Exception {
        gateway.serve("/buffer", (request, response) -> {
            ByteBuffer body = ByteBuffer.wrap("body".getBytes(StandardCharsets.US_ASCII));
            call(ServletOutputStream.class, response.getOutputStream(), types(ByteBuffer.class), body);
            response.flushBuffer();
        });
        gateway.start();
        HttpResponse<String> response = gateway.get("/buffer");
        assertThat(response.body()).isEqualTo("body");
        assertThat(response.headers().allValues("set-cookie")).hasSize(1);
        assertThat(gateway.ended()).isEqualTo(Outcome.success());
    }

    private static Class<?>[] types(Class<?>... types) {
        return types;
    }

    /** Calls {@code sendRedirect} of a response, or {@code write} of a stream, as one compiled against 6.1 would. */
    private static void call(Class<?> declaring, Object receiver, Class<?>[] types, Object... arguments) {
        String name = declaring == HttpServletResponse.class ? "sendRedirect" : "write";
        try {
            declaring.getMethod(name, types).invoke(receiver, arguments);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }
}
