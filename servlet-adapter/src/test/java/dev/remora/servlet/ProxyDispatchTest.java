package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A servlet that leaves its request to the proxy. */
class ProxyDispatchTest extends ProxyFixture {

    private static final String DOOR = "GET /door HTTP/1.1\r\nHost: chat.test\r\n\r\n";

    private void startBehind(TestServlet.Handler door) throws Exception {
        containing(site -> site.servlets.add(new Site.MappedServlet("/door", new TestServlet(door), true)));
        start(answering("a", server -> {
            if (server.head().isEmpty()) {
                throw new IllegalStateException("closed");
            }
            server.send("HTTP/1.1 404 Not Found\r\nX-Own: 1\r\nContent-Length: 2\r\n\r\nno");
        }));
    }

    @Test
    void forwardIsServed() throws Exception {
        startBehind((request, response) ->
                request.getRequestDispatcher("/v1/chat?q=1").forward(request, response));
        assertThat(client().send(DOOR).response())
                .startsWith("HTTP/1.1 404 ")
                .containsIgnoringCase("x-own: 1")
                .endsWith("no");
    }

    @Test
    void includeIsRefused() throws Exception {
        BlockingQueue<String> thrown = new LinkedBlockingQueue<>();
        startBehind((request, response) -> {
            try {
                request.getRequestDispatcher("/v1/chat").include(request, response);
            } catch (ServletException e) {
                thrown.add(e.getMessage());
                throw e;
            }
        });
        assertThat(client().send(DOOR).head()).startsWith("HTTP/1.1 500 ");
        assertThat(thrown.poll(20, TimeUnit.SECONDS)).startsWith("dispatcher type: INCLUDE ");
    }
}
