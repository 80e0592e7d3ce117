package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.remora.LoadBalancer;
import dev.remora.pool.Backend;
import dev.remora.wire.Eventually;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tomcat's own WebSockets behind the filter. */
@InEveryContainer
class TomcatWebSocketTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path base;

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final LoadBalancer balancer = LoadBalancer.builder()
            .backends(Backend.of("a", "http://127.0.0.1:1"))
            .build();
    private TomcatWebSockets tomcat;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Container.present() == Container.TOMCAT10 || Container.present() == Container.TOMCAT11);
        tomcat = new TomcatWebSockets(base, balancer);
    }

    @AfterEach
    void close() throws Exception {
        if (tomcat != null) {
            tomcat.close();
        }
        assertThat(openStreams()).isZero();
        balancer.close();
    }

    private long openStreams() {
        return balancer.stats().openStreams();
    }

    private WebSocket connect(String path) {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + tomcat.port() + path), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                        received.add(text.toString());
                        return WebSocket.Listener.super.onText(socket, text, last);
                    }
                })
                .join();
    }

    private void assertEchoes(WebSocket socket) throws InterruptedException {
        socket.sendText("hello", true).join();
        assertThat(received.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("hello");
    }

    @Test
    void anEndpointHoldsTheLeaseThatWasTakenOver() throws Exception {
        WebSocket socket = connect("/held");
        assertEchoes(socket);
        assertThat(openStreams()).isEqualTo(1);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        Eventually.holds("the lease has ended", PATIENCE, () -> openStreams() == 0);
    }

    @Test
    void withoutThatTheLeaseEndsWithTheRequest() throws Exception {
        WebSocket socket = connect("/plain");
        assertEchoes(socket);
        Eventually.holds("the lease has ended", PATIENCE, () -> openStreams() == 0);
        assertEchoes(socket);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }
}
