package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.LoadBalancer;
import dev.remora.exchange.StreamKind;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real container's response, read and edited. */
@InEveryContainer
class ServletHeadTest {

    @TempDir
    Path base;

    private void onAResponse(TestServlet.Handler handler) throws Exception {
        try (ServletGateway gateway = new ServletGateway(base, LoadBalancer.builder())) {
            gateway.serve("/", handler).start();
            assertThat(gateway.get("/").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void theContentTypeIsSeenBeforeTheCommit() throws Exception {
        onAResponse((request, response) -> {
            assertThat(new ServletHead(response, 200).headers("content-type")).isEmpty();
            response.setContentType("text/event-stream");
            ServletHead head = new ServletHead(response, 200);
            assertThat(head.headers("Content-Type")).hasSize(1);
            assertThat(head.kind()).isEqualTo(StreamKind.EVENT_STREAM);
        });
    }

    @Test
    void headersAreAddedAndReplaced() throws Exception {
        onAResponse((request, response) -> {
            ServletHead head = new ServletHead(response, 200);
            head.add("x-one", "1");
            head.add("x-one", "2");
            head.add("x-two", "1");
            head.set("X-Two", "2");
            assertThat(head.values("x-one")).containsExactly("1", "2");
            assertThat(head.values("x-two")).containsExactly("2");
            assertThat(head.names()).map(name -> name.toLowerCase(Locale.ROOT)).contains("x-one", "x-two");
        });
    }

    @Test
    void headersAreRemovedOrItIsNoSecret() throws Exception {
        onAResponse((request, response) -> {
            ServletHead head = new ServletHead(response, 200);
            head.remove("x-absent");
            head.add("x-present", "1");
            if (Container.present().removesHeaders()) {
                head.remove("x-present");
                assertThat(head.values("x-present")).isEmpty();
                return;
            }
            assertThatThrownBy(() -> head.remove("x-present"))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("header: x-present (expected: a container that can remove response headers)");
        });
    }
}
