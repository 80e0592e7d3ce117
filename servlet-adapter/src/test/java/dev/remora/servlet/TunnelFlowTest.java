package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.wire.Meanwhile;
import dev.remora.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** How much flows through tunnels, how fast, and how the halves of one end. */
class TunnelFlowTest extends TunnelFixture {

    private static final int PIECE = 64 * 1024;
    private static final int LARGE = 10 * 1024 * 1024;
    // What two pairs of sockets of the system hold, and the container, and we: all but a few hundred KB is the
    // system's.
    private static final long HELD = 24L * 1024 * 1024;

    private Wire client;
    private Wire server;

    private void open() throws Exception {
        client = client().send(UPGRADE);
        server = server();
        server.head();
        server.send(SWITCHING);
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
    }

    private void end() throws Exception {
        client.close();
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void muchFlowsBothWaysAtOnce() throws Exception {
        gateway(patient("a"));
        open();
        CompletableFuture<Void> up = Meanwhile.run(() -> send(client, LARGE));
        CompletableFuture<Void> down = Meanwhile.run(() -> send(server, LARGE));
        CompletableFuture<Void> downRead = Meanwhile.run(() -> receive(client, LARGE));
        receive(server, LARGE);
        CompletableFuture.allOf(up, down, downRead).get(60, TimeUnit.SECONDS);
        end();
    }

    @Test
    void echoFlowsThoughNobodyReadsAhead() throws Exception {
        gateway(backend("a", echoing -> {
            echoing.head();
            echoing.send(SWITCHING);
            byte[] piece = new byte[PIECE];
            for (int left = LARGE; left > 0; left -= PIECE) {
                receive(echoing, PIECE);
                echoing.send(piece);
            }
            assertThat(echoing.read()).isEqualTo(-1);
        }));
        client = client().send(UPGRADE);
        client.head();
        CompletableFuture<Void> sending = Meanwhile.run(() -> send(client, LARGE));
        receive(client, LARGE);
        sending.get(60, TimeUnit.SECONDS);
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void clientThatReadsNothingHoldsItsBackEndBack() throws Exception {
        gateway(patient("a"));
        open();
        AtomicLong sent = new AtomicLong();
        CompletableFuture<Void> sending = Meanwhile.run(() -> send(server, 4 * HELD, sent));
        long held = settled(sent);
        assertThat(held).as("bytes taken though nobody reads").isLessThan(HELD);
        assertThat(client.send("x")).isNotNull();
        assertThat(server.text(1)).as("the other way is open").isEqualTo("x");
        receive(client, held);
        assertThat(settled(sent)).as("taken when there is room").isGreaterThan(held);
        client.reset();
        assertThat(outcome()).isEqualTo(Container.present().resetByClient());
        assertThat(sending.handle((done, failure) -> true).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void backEndThatReadsNothingHoldsItsClientBack() throws Exception {
        gateway(patient("a"));
        open();
        AtomicLong sent = new AtomicLong();
        CompletableFuture<Void> sending = Meanwhile.run(() -> send(client, 4 * HELD, sent));
        long held = settled(sent);
        assertThat(held).as("bytes taken though nobody reads").isLessThan(HELD);
        assertThat(server.send("x")).isNotNull();
        assertThat(client.text(1)).as("the other way is open").isEqualTo("x");
        receive(server, held);
        assertThat(settled(sent)).as("taken when there is room").isGreaterThan(held);
        server.reset();
        assertThat(outcome()).isNotEqualTo(Outcome.success());
        assertThat(sending.handle((done, failure) -> true).get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void wordThatWaitedForRoomArrivesThoughNoOtherFollows() throws Exception {
        gateway(patient("a"));
        open();
        AtomicLong sent = new AtomicLong();
        CompletableFuture<Void> sending = Meanwhile.run(() -> send(client, HELD, sent));
        settled(sent);
        receive(server, HELD);
        sending.get(20, TimeUnit.SECONDS);
        end();
    }

    @Test
    void clientsHalfEndsAlone() throws Exception {
        gateway(patient("a"));
        assumeTrue(Container.present().halfCloses(), "the container can close one half");
        open();
        client.send("my last word").shutOutput();
        assertThat(server.rest()).isEqualTo("my last word");
        server.send("you said that").close();
        assertThat(client.rest()).isEqualTo("you said that");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void lastWordOfAClientThatEndsReachesTheBackEnd() throws Exception {
        gateway(patient("a"));
        open();
        client.send("my last word").close();
        assertThat(server.rest()).isEqualTo("my last word");
        server.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void manyTunnelsNeedFewThreads() throws Exception {
        start(balancer -> {}, servlet -> {}, site -> site.workerThreads = 10, new Backend[] {
            patient("a").backend()
        });
        List<Wire> clients = new ArrayList<>();
        List<Wire> servers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            open();
            clients.add(client);
            servers.add(server);
        }
        assertThat(proxy.openStreams()).isEqualTo(200);
        assertThat(balancer.stats().openStreams()).isEqualTo(200);
        for (int i = 0; i < 200; i++) {
            clients.get(i).send("up");
            assertThat(servers.get(i).text(2)).isEqualTo("up");
            servers.get(i).send("down");
            assertThat(clients.get(i).text(4)).isEqualTo("down");
        }
        clients.forEach(Wire::close);
        servers.forEach(Wire::close);
        for (int i = 0; i < 200; i++) {
            assertThat(outcome()).isEqualTo(Outcome.success());
        }
    }

    private static void send(Wire wire, long bytes) {
        send(wire, bytes, new AtomicLong());
    }

    private static void send(Wire wire, long bytes, AtomicLong sent) {
        byte[] piece = new byte[PIECE];
        for (long left = bytes; left > 0; left -= PIECE) {
            wire.send(piece);
            sent.addAndGet(PIECE);
        }
    }

    private static void receive(Wire wire, long bytes) {
        try {
            wire.skip(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where a count stands when it has not moved for a while. */
    private static long settled(AtomicLong count) {
        long last = -1;
        for (long now = count.get(); now != last; now = count.get()) {
            last = now;
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
        return last;
    }
}
