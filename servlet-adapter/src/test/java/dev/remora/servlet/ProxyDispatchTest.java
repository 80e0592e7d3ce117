package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A servlet of the application that leaves a request to the proxy. */
class ProxyDispatchTest extends ProxyFixture {

    private static final String DOOR = "GET /door/x HTTP/1.1\r\nHost: chat.test\r\n\r\n";
    private static final String NOT_FOUND = "HTTP/1.1 404 Not Found\r\nX-Own: 1\r\nContent-Length: 2\r\n\r\nno";

    private void start(TestServlet.Handler door) throws Exception {
        containing(site -> site.servlets.add(new Site.MappedServlet("/door/*", new TestServlet(door), true)));
        start(backend("a", server -> {
            server.head();
            server.send(NOT_FOUND);
        }));
    }

    @Test
    void forwardedRequestIsServed() throws Exception {
        start((request, response) ->
                request.getRequestDispatcher("/v1/chat?q=1").forward(request, response));
        assertThat(client().send(DOOR).response())
                .startsWith("HTTP/1.1 404 ")
                .containsIgnoringCase("x-own: 1")
                .endsWith("no");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    // The status and the headers of what is included count for nothing.
    @Test
    void includedRequestIsRefused() throws Exception {
        CompletableFuture<String> message = new CompletableFuture<>();
        start((request, response) -> {
            RequestDispatcher proxy = request.getRequestDispatcher("/v1/chat");
            try {
                proxy.include(request, response);
            } catch (ServletException e) {
                message.complete(e.getMessage());
                throw e;
            }
        });
        assertThat(client().send(DOOR).response()).startsWith("HTTP/1.1 500 ");
        assertThat(message.get()).startsWith("dispatch: include (expected: ");
        assertThat(balancer().stats().openStreams()).isZero();
    }
}
