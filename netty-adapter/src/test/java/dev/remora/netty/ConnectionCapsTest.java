package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.BalancerStats;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.strategy.Strategy;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections to back ends are capped; idle ones make room, and what finds none hurts no back end's health. */
final class ConnectionCapsTest extends GatewayFixture {

    private final Semaphore answers = new Semaphore(0);
    private final AtomicInteger requests = new AtomicInteger();

    private ScriptedBackend slow(String name) {
        return answering(name, server -> {
            assertThat(server.head()).isNotEmpty();
            requests.incrementAndGet();
            answers.acquire();
            server.send(OK);
        });
    }

    private ScriptedBackend quick(String name) {
        return backend(name, server -> {
            for (String head = server.head(); !head.isEmpty(); head = server.head()) {
                server.send(OK);
            }
        });
    }

    @AfterEach
    void answerWhoeverAsked() {
        answers.release(1_000);
    }

    @Test
    void atTheCapARequestGoesToAnotherBackEndAndThenNowhere() {
        gateway(
                settings -> settings.strategy(Strategy.roundRobin()),
                server -> server.maxConnectionsPerBackend(1),
                slow("a"),
                slow("b"));
        Wire one = client().send(GET);
        eventually("it is served", () -> requests.get() == 1);
        Wire two = client().send(GET);
        eventually("the other back end serves", () -> requests.get() == 2);
        for (int i = 0; i < 3; i++) {
            assertThat(client().send(GET).response())
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after: 1");
        }
        assertThat(balancer().stats().backends()).allSatisfy(node -> {
            assertThat(node.status()).isEqualTo(BalancerStats.Status.READY);
            assertThat(node.failed()).isZero();
            assertThat(node.openStreams()).isEqualTo(1);
        });
        answers.release(2);
        assertThat(one.response()).endsWith("ok");
        assertThat(two.response()).endsWith("ok");
    }

    @Test
    void anIdleConnectionToAnotherBackEndMakesRoom() {
        gateway(
                settings -> settings.strategy(Strategy.roundRobin()),
                server -> server.maxConnections(1),
                quick("a"),
                quick("b"));
        Wire client = client();
        for (int i = 0; i < 6; i++) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
    }

    @Test
    void anIdleConnectionOfAnotherEventLoopMakesRoom() {
        ScriptedBackend a = quick("a");
        gateway(settings -> {}, server -> server.maxConnectionsPerBackend(1).eventLoopThreads(2), a);
        Wire one = client();
        Wire two = client();
        for (int i = 0; i < 5; i++) {
            assertThat(one.send(GET).response()).endsWith("ok");
            assertThat(two.send(GET).response()).endsWith("ok");
        }
        assertThat(a.connections())
                .as("each loop had to open its own, ten times")
                .isEqualTo(10);
    }

    @Test
    void roomIsForTheRequestThatItWasMadeFor() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        ScriptedBackend a = backend("a", server -> {
            for (String head = server.head(); !head.isEmpty(); head = server.head()) {
                server.send(OK);
            }
            closed.countDown();
        });
        Interruption interruption = new Interruption();
        gateway(
                settings -> {},
                server -> server.maxConnections(1)
                        .eventLoopThreads(2)
                        .handlers(pipeline -> pipeline.addLast(interruption)),
                a);
        Wire one = client();
        Wire other = client();
        assertThat(other.send(GET).response()).endsWith("ok");
        interruption.armed = true;
        one.send(GET);
        assertThat(closed.await(20, TimeUnit.SECONDS))
                .as("the idle connection of the other loop has made room")
                .isTrue();
        other.send(GET);
        eventually("the other request has looked for room", () -> interruption.requests.get() == 3);
        interruption.over.countDown();
        assertThat(one.response()).endsWith("ok");
        other.response();
    }

    /** Holds up the loop of a client that has just asked another loop to make room. */
    @Sharable
    private static final class Interruption extends ChannelInboundHandlerAdapter {
        final AtomicInteger requests = new AtomicInteger();
        final CountDownLatch over = new CountDownLatch(1);
        volatile boolean armed;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            boolean interrupts = armed && message instanceof HttpRequest;
            armed &= !interrupts;
            ctx.fireChannelRead(message);
            if (interrupts) {
                // Behind the answer of its own pool, which is asked first.
                Executor loop = ctx.executor();
                loop.execute(() -> loop.execute(this::await));
            }
            if (message instanceof HttpRequest) {
                requests.incrementAndGet();
            }
        }

        private void await() {
            try {
                assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void aConnectionThatNeverCameIsNotCounted() {
        gateway(settings -> {}, server -> server.maxConnections(1), Backend.of("a", "http://nowhere.invalid:80"));
        for (int i = 0; i < 5; i++) {
            assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
        }
    }

    @Test
    void capsAreExactAndEndWithTheirConnections() {
        ConnectionCaps caps = new ConnectionCaps(2, 3);
        BackendId a = new BackendId("a");
        BackendId b = new BackendId("b");
        assertThat(caps.areSet()).isTrue();
        assertThat(caps.tryTake(a)).isTrue();
        assertThat(caps.tryTake(a)).isTrue();
        assertThat(caps.tryTake(a)).isFalse();
        assertThat(caps.isFull(a)).isTrue();
        assertThat(caps.tryTake(b)).isTrue();
        assertThat(caps.tryTake(b)).as("three in all").isFalse();
        assertThat(caps.isFull(b)).isFalse();
        caps.giveBack(a);
        assertThat(caps.tryTake(b)).isTrue();
        assertThat(new ConnectionCaps(Integer.MAX_VALUE, Integer.MAX_VALUE).areSet())
                .isFalse();
        assertThatThrownBy(() -> new ConnectionCaps(0, 1)).hasMessage("maxConnectionsPerBackend: 0 (expected: >= 1)");
        assertThatThrownBy(() -> new ConnectionCaps(1, 0)).hasMessage("maxConnections: 0 (expected: >= 1)");
    }
}
