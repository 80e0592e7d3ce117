package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.Outcome;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a gateway ends, and how the balancer ends its streams. */
final class StopTest extends GatewayFixture {

    private final CountDownLatch go = new CountDownLatch(1);

    @Test
    void streamsAreFinishedAndIdleConnectionsClosed() throws Exception {
        GatewayServer gateway = gateway(halves());
        Wire idle = client().send("GET /idle HTTP/1.1\r\nHost: a\r\n\r\n");
        idle.response();
        Wire busy = client().send(GET);
        busy.head();
        assertThat(busy.chunk()).isEqualTo("abc");
        CompletableFuture<Void> stopped = gateway.stop(Duration.ofMinutes(1)).toCompletableFuture();
        assertThat(idle.read()).as("an idle connection is closed").isEqualTo(-1);
        eventually("nothing is accepted", () -> refuses(gateway));
        assertThat(stopped).isNotDone();
        go.countDown();
        assertThat(busy.chunked()).isEqualTo("def");
        assertThat(busy.read()).as("then its connection is closed").isEqualTo(-1);
        busy.close();
        idle.close();
        stopped.get(20, TimeUnit.SECONDS);
        assertThat(gateway.openConnections()).isZero();
    }

    @Test
    void streamsAreCutAtTheDeadline() throws Exception {
        GatewayServer gateway = gateway(halves());
        Wire busy = client().send(GET);
        busy.head();
        assertThat(busy.chunk()).isEqualTo("abc");
        CompletableFuture<Void> stopped = gateway.stop(Duration.ofMinutes(1)).toCompletableFuture();
        time.pass(Duration.ofMinutes(1));
        assertThat(busy.read()).as("no last chunk").isNegative();
        stopped.get(20, TimeUnit.SECONDS);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void answerOnItsWaySaysThatItIsTheLast() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        GatewayServer gateway = gateway(answering("a", server -> {
            assertThat(server.head()).isNotEmpty();
            arrived.countDown();
            go.await();
            server.send(OK);
        }));
        Wire client = client().send(GET);
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        gateway.stop(Duration.ofMinutes(1));
        eventually("the listener is closed", () -> refuses(gateway));
        go.countDown();
        assertThat(client.rest()).containsIgnoringCase("connection: close").endsWith("ok");
    }

    @Test
    void closedBalancerRefusesWhoHasNoAnswerYet() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        gateway(backend("a", server -> {
            server.head();
            arrived.countDown();
            go.await();
        }));
        Wire client = client().send(GET);
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        balancer().close();
        assertThat(client.response()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after: ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        go.countDown();
    }

    @Test
    void closedBalancerCutsRunningAnswers() throws Exception {
        gateway(halves());
        Wire client = client().send(GET);
        client.head();
        assertThat(client.chunk()).isEqualTo("abc");
        balancer().close();
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void closedBalancerEndsTunnels() throws Exception {
        gateway(backend("a", server -> {
            server.head();
            server.send(lines("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"));
            server.rest();
        }));
        Wire client = client().send(lines("GET / HTTP/1.1", "Host: a", "Connection: upgrade", "Upgrade: x"));
        client.head();
        balancer().close();
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @Test
    void portInUseIsSaidInOneLine() {
        GatewayServer first = gateway(halves());
        assertThatThrownBy(() ->
                        GatewayServer.builder(balancer()).port(first.port()).start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("cannot listen on 127.0.0.1:" + first.port() + ": ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void wrongValuesAreRefusedByName() {
        gateway(halves());
        GatewayServer.Builder builder = GatewayServer.builder(balancer());
        assertThatThrownBy(() -> builder.port(70_000).start()).hasMessage("port: 70000 (expected: 0 to 65535)");
        builder.port(0);
        assertThatThrownBy(() -> builder.eventLoopThreads(0).start())
                .hasMessage("eventLoopThreads: 0 (expected: >= 1)");
        builder.eventLoopThreads(1);
        assertThatThrownBy(() -> builder.maxHeaderBytes(1).start()).hasMessage("maxHeaderBytes: 1 (expected: >= 128)");
    }

    private static boolean refuses(GatewayServer gateway) {
        try {
            Wire.to(gateway.port()).close();
            return false;
        } catch (UncheckedIOException e) {
            return true;
        }
    }

    private ScriptedBackend halves() {
        return answering("a", server -> {
            String head = server.head();
            assertThat(head).isNotEmpty();
            if (head.startsWith("GET /idle")) {
                server.send(OK);
                return;
            }
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            go.await();
            server.send("3\r\ndef\r\n0\r\n\r\n");
        });
    }
}
