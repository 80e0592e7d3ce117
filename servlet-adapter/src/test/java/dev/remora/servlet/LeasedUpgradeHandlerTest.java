package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.exchange.FakeRequest;
import dev.remora.pool.Backend;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a container may do with the handler that it has made. */
class LeasedUpgradeHandlerTest {

    private final LoadBalancer balancer = LoadBalancer.builder()
            .backends(Backend.of("a", "http://127.0.0.1:1"))
            .build();
    private final List<String> called = new ArrayList<>();
    private @Nullable WebConnection given;
    private final HttpUpgradeHandler application = new HttpUpgradeHandler() {
        @Override
        public void init(WebConnection begun) {
            called.add("init");
            given = begun;
        }

        @Override
        public void destroy() {
            called.add("destroy");
        }
    };
    private final WebConnection connection = proxy(WebConnection.class);
    private final CompletableFuture<Void> beginning = new CompletableFuture<>();
    private final LeasedUpgradeHandler handler = new LeasedUpgradeHandler();

    @AfterEach
    void close() {
        assertThat(balancer.stats().openStreams()).isZero();
        balancer.close();
    }

    private <T> T proxy(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
                    called.add(method.getName());
                    return method.getReturnType() == boolean.class ? Boolean.FALSE : null;
                }));
    }

    private void hold() {
        Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        handler.hold(application, new ServletExchange(lease, proxy(HttpServletResponse.class)), beginning);
        called.clear();
    }

    private long openStreams() {
        return balancer.stats().openStreams();
    }

    @Test
    void aConnectionThatNeverBeginsEndsTheLeaseInTheEnd() {
        hold();
        assertThat(openStreams()).isEqualTo(1);
        beginning.completeExceptionally(new TimeoutException());
        assertThat(openStreams()).isZero();
        handler.init(connection);
        handler.destroy();
        assertThat(called).as("what begins too late is closed").containsExactly("close");
    }

    @Test
    void aConnectionThatHasBegunIsHeldForAsLongAsItLasts() {
        hold();
        handler.init(connection);
        beginning.completeExceptionally(new TimeoutException());
        assertThat(openStreams()).isEqualTo(1);
        handler.destroy();
        assertThat(called).containsExactly("init", "destroy");
    }

    @Test
    void theApplicationEndsTheLeaseWhenItCloses() throws Exception {
        hold();
        handler.init(connection);
        Objects.requireNonNull(given).close();
        assertThat(openStreams()).isZero();
        handler.destroy();
        assertThat(called).containsExactly("init", "close", "destroy");
    }

    @Test
    void destroyBeforeTheBeginningEndsTheLeaseAndCallsNobody() {
        hold();
        handler.destroy();
        assertThat(called).isEmpty();
    }

    @Test
    void handlersOfTomcatsOwnAreRecognised() {
        assertThat(LeasedUpgradeHandler.isContainers(
                        proxy(InternalHttpUpgradeHandler.class).getClass()))
                .isTrue();
        assertThat(LeasedUpgradeHandler.isContainers(application.getClass())).isFalse();
    }
}
