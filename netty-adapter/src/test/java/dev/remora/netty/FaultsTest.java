package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.health.HealthPolicy;
import dev.remora.http.Timeouts;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.strategy.Strategy;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A back end that is broken in one way, beside two good ones with 200 open streams. What can be saved is answered by a
 * good one, what was cut looks cut, and the 200 streams do not notice.
 *
 * <p>No health policy keeps requests from the broken one, so that a third of them meets the fault.
 */
final class FaultsTest extends GatewayFixture {

    private static final int STREAMS = 200;
    private static final int REQUESTS = 12;
    private static final Duration SECONDS = Duration.ofSeconds(4);
    private static final String POST = "POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 2\r\n\r\nhi";
    private static final Timeouts TIMEOUTS =
            new Timeouts(SECONDS, SECONDS, Duration.ofHours(1), SECONDS, SECONDS, SECONDS.multipliedBy(2));

    private final LiveStreams streams = new LiveStreams();
    private final CountDownLatch over = new CountDownLatch(1);
    private MutableBackends pool;

    @BeforeEach
    void openStreams() {
        pool = BackendSource.mutable(good("good-1").backend(), good("good-2").backend());
        gateway(
                settings -> settings.strategy(Strategy.roundRobin()).health(HealthPolicy.none()),
                server -> server.timeouts(TIMEOUTS),
                pool);
        streams.open(STREAMS, this::client);
        streams.beat();
    }

    @AfterEach
    void nobodyNoticed() {
        over.countDown();
        streams.beat();
        assertThat(balancer().stats().openStreams()).isEqualTo(STREAMS);
        streams.end();
    }

    @Test
    void refuses() throws Exception {
        Socket deaf = closing(new Socket());
        deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        join(Backend.of("bad", "http://127.0.0.1:" + deaf.getLocalPort()));
        everyoneIsAnswered(GET);
        everyoneIsAnswered(POST);
    }

    @Test
    void hangsAtAccept() throws Exception {
        ServerSocket full = closing(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        fill(full);
        join(Backend.of("bad", "http://127.0.0.1:" + full.getLocalPort()));
        lateOnesMove(POST);
    }

    @Test
    void hangsBeforeTheHead() throws Exception {
        AtomicInteger reached = new AtomicInteger();
        join(backend("bad", server -> {
            server.head();
            reached.incrementAndGet();
            server.rest();
        }));
        lateOnesMove(GET);
        assertThat(reached).as("the fault was met").hasPositiveValue();
    }

    @Test
    void stallsInTheMiddle() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        join(backend("bad", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            begun.countDown();
            over.await();
        }));
        Wire client = untilBegun();
        for (int i = 0; i < 2; i++) {
            streams.beat();
            time.pass(SECONDS);
        }
        assertThat(client.read()).as("no last chunk").isNegative();
    }

    @Test
    void resetsInTheMiddle() throws Exception {
        join(backend("bad", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            over.await();
        }));
        ScriptedBackend breaking = backend("breaking", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
            server.reset();
        });
        Wire client = untilBegun();
        pool.remove("bad");
        join(breaking);
        int cut = 0;
        for (int i = 0; i < REQUESTS; i++) {
            Wire asking = client();
            String head = asking.send(GET).head();
            if (head.contains("ength: 100")) {
                assertThat(asking.rest().length()).as("less than was promised").isLessThan(100);
                cut++;
            } else {
                assertThat(asking.text(2)).isEqualTo("ok");
            }
        }
        assertThat(cut).isPositive();
        client.close();
    }

    @Test
    void answersGarbage() throws Exception {
        join(backend("bad", server -> {
            server.head();
            server.send("220 mail.test ESMTP\r\n");
            server.rest();
        }));
        everyoneIsAnswered(GET);
    }

    @Test
    void promisesLessThanItSends() throws Exception {
        join(answering("bad", server -> {
            assertThat(server.head()).isNotEmpty();
            server.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        }));
        everyoneIsAnswered(GET);
        everyoneIsAnswered(GET);
    }

    @Test
    void closesWhenReused() throws Exception {
        join(backend("bad", server -> {
            server.head();
            server.send(OK);
            server.head();
        }));
        Wire client = client();
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
        for (int i = 0; i < REQUESTS; i++) {
            // Node.js closes after five seconds of silence; a POST only takes a connection that was used just now.
            time.pass(Duration.ofSeconds(2));
            streams.beat();
            assertThat(client.send(POST).response()).endsWith("ok");
        }
    }

    @Test
    void flaps() throws Exception {
        AtomicBoolean down = new AtomicBoolean();
        join(answering("bad", server -> {
            assertThat(server.head()).isNotEmpty();
            if (down.get()) {
                server.reset();
            } else {
                server.send(OK);
            }
        }));
        for (int i = 0; i < 20; i++) {
            down.set(i % 2 == 1);
            time.pass(Duration.ofMillis(100));
            assertThat(client().send(GET).response()).endsWith("ok");
            assertThat(client().send(GET).response()).endsWith("ok");
            assertThat(client().send(GET).response()).endsWith("ok");
            streams.beat();
        }
    }

    @Test
    void leavesThePoolAndReturns() {
        Backend leaving = pool.list().get(0);
        for (int i = 0; i < 3; i++) {
            pool.remove("good-1");
            eventually("it has left", () -> balancer().stats().backends().size() == 1);
            assertThat(balancer().stats().openStreams()).isEqualTo(STREAMS / 2);
            everyoneIsAnswered(GET);
            join(leaving);
            assertThat(balancer().stats().openStreams()).isEqualTo(STREAMS);
            everyoneIsAnswered(GET);
        }
    }

    private ScriptedBackend good(String name) {
        return answering(name, streams::serve);
    }

    private void join(ScriptedBackend broken) {
        join(broken.backend());
    }

    private void join(Backend broken) {
        pool.add(broken);
        eventually(
                "it is a member",
                () -> balancer().stats().backends().stream()
                        .anyMatch(member -> member.backend().equals(broken)));
    }

    private void everyoneIsAnswered(String request) {
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(client().send(request).response())
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("ok");
        }
        streams.beat();
    }

    // Who was sent to the broken one waits for the time-out and is then answered by another.
    private void lateOnesMove(String request) throws InterruptedException {
        Wire[] clients = new Wire[REQUESTS];
        for (int i = 0; i < REQUESTS; i++) {
            clients[i] = client().send(request);
        }
        int answered = REQUESTS - REQUESTS / 3;
        eventually(
                "the others are answered",
                () -> balancer().stats().backends().stream()
                                .mapToLong(member -> member.succeeded())
                                .sum()
                        == answered);
        streams.beat();
        time.pass(SECONDS);
        for (Wire client : clients) {
            assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        }
    }

    // The one that got the broken back end: its answer has begun.
    private Wire untilBegun() {
        while (true) {
            Wire client = client().send(GET);
            if (client.head().toLowerCase(Locale.ROOT).contains("chunked")) {
                assertThat(client.chunk()).isEqualTo("abc");
                return client;
            }
        }
    }

    // The kernel answers no more connects when nobody accepts those that it has made.
    private void fill(ServerSocket server) throws IOException {
        for (int i = 0; i < 8; i++) {
            SocketChannel waiting = closing(SocketChannel.open());
            waiting.configureBlocking(false);
            waiting.connect(server.getLocalSocketAddress());
        }
    }
}
