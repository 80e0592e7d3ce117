package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Drain;
import dev.remora.Draining;
import dev.remora.http.CloseFrame;
import dev.remora.strategy.Strategy;
import dev.remora.wire.Wire;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A back end with many streams is drained: nobody gets half an event, everybody a goodbye, and not all at once. */
final class DrainTest extends GatewayFixture {

    // On each of two back ends: 200 event streams and 50 WebSockets.
    private static final int STREAMS = 250;
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);
    private static final int STEPS = 10;
    private static final String UPGRADE =
            lines("GET /ws HTTP/1.1", "Host: a", "Connection: upgrade", "Upgrade: websocket");
    private static final String SWITCHING =
            lines("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: websocket");
    private static final String EVENT_STREAM =
            lines("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked");
    private static final String EVENT = "id: 1\ndata: hello\n\n";
    private static final String HALF = "id: 2\ndata: ";
    private static final String OTHER_HALF = "whole\n\n";
    private static final String CLOSE =
            new String(new CloseFrame(1012, "drain").unmasked(), StandardCharsets.ISO_8859_1);

    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<Stream> drained = new ArrayList<>();
    private final List<Stream> others = new ArrayList<>();

    private record Arrival(String backend, Wire server) {}

    private record Stream(Wire client, Wire server, boolean webSocket, boolean inside) {

        void begins() {
            server.head();
            if (webSocket) {
                server.send(SWITCHING + "\u0081\u0002hi" + (inside ? "\u0081\u0004ha" : ""));
            } else {
                server.send(EVENT_STREAM + chunk(inside ? EVENT + HALF : EVENT));
            }
            assertThat(client.head()).startsWith("HTTP/1.1 ");
            if (webSocket) {
                client.text(inside ? 8 : 4);
            } else {
                client.chunk();
            }
        }

        void endsWhole() {
            if (webSocket) {
                webSocketEndsWhole();
            } else {
                if (inside) {
                    server.send(chunk(OTHER_HALF + HALF));
                    assertThat(client.chunk()).isEqualTo(OTHER_HALF);
                }
                assertThat(client.chunked()).matches("retry: \\d+\n\n");
            }
        }

        private void webSocketEndsWhole() {
            if (inside) {
                server.send("lf\u0081\u0009not sent");
                assertThat(client.text(2)).isEqualTo("lf");
            }
            assertThat(client.text(CLOSE.length())).isEqualTo(CLOSE);
            if (inside) {
                client.send(new CloseFrame(1012, "").masked(7));
            }
            assertThat(client.read()).isEqualTo(-1);
        }

        /** What has begun is brought to its end, and passes. */
        void finishes() {
            server.send(webSocket ? "lf" : chunk(OTHER_HALF));
            assertThat(webSocket ? client.text(2) : client.chunk()).isEqualTo(webSocket ? "lf" : OTHER_HALF);
        }

        void goesOn() {
            server.send(webSocket ? "x" : chunk("x"));
            assertThat(webSocket ? client.text(1) : client.chunk()).isEqualTo("x");
        }

        private static String chunk(String bytes) {
            return Integer.toHexString(bytes.length()) + "\r\n" + bytes + "\r\n";
        }
    }

    @Test
    void everyStreamEndsWholeAndAtATimeOfItsOwn() throws Exception {
        start();
        openStreams(STREAMS);
        Drain plan = Drain.softly(WINDOW)
                .until(WINDOW.multipliedBy(3))
                .spread(WINDOW)
                .closeCode(1012);
        Draining run = balancer().drain("a", plan);
        time.pass(WINDOW);
        time.settle();
        assertThat(outcomes).as("before the soft deadline").isEmpty();
        closesAreSpread();
        // Those who are told last have time to answer too.
        time.pass(ANSWER_TIME);
        time.settle();
        drained.forEach(Stream::endsWhole);
        run.empty().toCompletableFuture().get(20, TimeUnit.SECONDS);
        others.forEach(Stream::goesOn);
        assertThat(balancer().stats().openStreams()).isEqualTo(others.size());
    }

    @Test
    void whoWasAskedAndHadNotEndedGoesOnWhenTheDrainIsCancelled() throws Exception {
        start();
        openStreams(10);
        Drain plan = Drain.softly(Duration.ZERO)
                .until(WINDOW.multipliedBy(2))
                .spread(WINDOW)
                .closeCode(1012);
        Draining run = balancer().drain("a", plan);
        time.pass(WINDOW);
        time.settle();
        time.pass(ANSWER_TIME);
        time.settle();
        assertThat(run.cancel()).isTrue();
        for (Stream stream : drained) {
            if (stream.inside()) {
                stream.finishes();
                stream.goesOn();
            } else {
                stream.endsWhole();
            }
        }
        others.forEach(Stream::goesOn);
    }

    @AfterEach
    void backEndsGo() {
        others.forEach(stream -> stream.server().close());
        drained.forEach(stream -> stream.server().close());
    }

    private void start() {
        EventLoopGroup timers = time.loops(1, NioIoHandler.newFactory());
        closing(() -> timers.shutdownGracefully(0, 1, TimeUnit.SECONDS));
        closing(over::countDown);
        gateway(
                settings -> settings.strategy(Strategy.roundRobin())
                        .random(new Random(9))
                        .clock(time::nanoTime)
                        .scheduler(timers),
                server -> {},
                backend("a", server -> arrived("a", server)),
                backend("b", server -> arrived("b", server)));
    }

    private void arrived(String backend, Wire server) throws InterruptedException {
        arrivals.add(new Arrival(backend, server));
        over.await();
    }

    // As many on the one back end as on the other; every fifth a WebSocket, every second inside of an event or frame.
    private void openStreams(int count) throws InterruptedException {
        for (int pair = 0; pair < count; pair++) {
            for (int i = 0; i < 2; i++) {
                boolean webSocket = pair % 5 == 0;
                Wire client = client().send(webSocket ? UPGRADE : GET);
                Arrival arrival = arrivals.poll(20, TimeUnit.SECONDS);
                assertThat(arrival).as("a back end is asked within 20 s").isNotNull();
                Stream stream = new Stream(client, arrival.server(), webSocket, pair % 2 == 1);
                stream.begins();
                (arrival.backend().equals("a") ? drained : others).add(stream);
            }
        }
        assertThat(drained).hasSize(count);
    }

    // Those that are between two events or frames, half of them, end when they are asked; WebSockets up to 5 s later.
    private void closesAreSpread() throws InterruptedException {
        for (int step = 1; step <= STEPS; step++) {
            int before = outcomes.size();
            time.pass(WINDOW.dividedBy(STEPS));
            time.settle();
            assertThat(outcomes.size() - before)
                    .as("ended in the %s. tenth of the window", step)
                    .isBetween(1, 30);
        }
    }
}
