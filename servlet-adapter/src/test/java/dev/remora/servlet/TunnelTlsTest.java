package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Timeouts;
import dev.remora.pool.Backend;
import dev.remora.wire.Certificates;
import dev.remora.wire.Meanwhile;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tunnels to back ends that speak TLS. */
class TunnelTlsTest extends TunnelFixture {

    private static final int LARGE = 10 * 1024 * 1024;
    private static final int PIECE = 64 * 1024;

    private final BlockingQueue<Wire> arrived = new LinkedBlockingQueue<>();
    private Certificates certificates;
    private Wire client;
    private Wire server;

    @BeforeEach
    void makeCertificates() throws Exception {
        certificates = Certificates.forNames(base, "dns:localhost");
    }

    private void start(String host, Consumer<ReverseProxyServlet.Builder> settings) throws Exception {
        SSLSocketFactory factory = certificates.context().getSocketFactory();
        CountDownLatch over = new CountDownLatch(1);
        ScriptedBackend secure = closing(ScriptedBackend.start("a", socket -> secured(factory, socket), wire -> {
            ((SSLSocket) wire.socket()).startHandshake();
            arrived.add(wire);
            over.await();
        }));
        closing(over::countDown);
        start(balancer -> {}, settings, site -> {}, Backend.of("a", "https://" + host + ':' + secure.port()));
    }

    private void start() throws Exception {
        start("localhost", servlet -> servlet.backendTls(certificates.certificate()));
    }

    private static Wire secured(SSLSocketFactory factory, Socket socket) {
        try {
            SSLSocket tls = (SSLSocket) factory.createSocket(socket, null, socket.getPort(), false);
            tls.setUseClientMode(false);
            return new Wire(tls, socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void open() throws Exception {
        client = client().send(UPGRADE);
        server = arrived.poll(20, TimeUnit.SECONDS);
        assertThat(server.head()).startsWith("GET /ws ");
        server.send(SWITCHING + "early");
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        assertThat(client.text(5)).isEqualTo("early");
    }

    @Test
    void bytesFlowBothWays() throws Exception {
        start();
        open();
        for (int i = 0; i < 50; i++) {
            String word = "up " + i;
            client.send(word);
            assertThat(server.text(word.length())).isEqualTo(word);
            server.send("down");
            assertThat(client.text(4)).isEqualTo("down");
        }
        client.close();
        assertThat(server.read()).as("a goodbye").isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void muchFlowsBothWaysAtOnce() throws Exception {
        start();
        open();
        CompletableFuture<Void> up = Meanwhile.run(() -> send(client));
        CompletableFuture<Void> down = Meanwhile.run(() -> send(server));
        CompletableFuture<Void> downRead = Meanwhile.run(() -> receive(client));
        receive(server);
        CompletableFuture.allOf(up, down, downRead).get(60, TimeUnit.SECONDS);
        server.close();
        assertThat(client.read()).isEqualTo(-1);
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void backEndThatGoesWithoutAGoodbyeHasFailed() throws Exception {
        start();
        open();
        server.closeUnderTls();
        assertThat(client.read()).isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void backEndOfAnotherNameIsNotTrusted() throws Exception {
        start("127.0.0.1", servlet -> servlet.backendTls(certificates.certificate()));
        assertThat(client().send(UPGRADE).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
    }

    @Test
    void backEndThatNobodyVouchesForIsNotTrusted() throws Exception {
        start("localhost", servlet -> {});
        assertThat(client().send(UPGRADE).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
    }

    @Test
    void backEndThatNeverAgreesOnTlsIsNotWaitedForWithoutEnd() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        ScriptedBackend deaf = backend("a", socket -> over.await());
        closing(over::countDown);
        start(
                balancer -> {},
                servlet -> servlet.timeouts(Timeouts.defaults().withConnect(Duration.ofMillis(300))),
                site -> {},
                Backend.of("a", "https://localhost:" + deaf.port()));
        assertThat(client().send(UPGRADE).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
    }

    private static void send(Wire wire) {
        byte[] piece = new byte[PIECE];
        for (int left = LARGE; left > 0; left -= PIECE) {
            wire.send(piece);
        }
    }

    private static void receive(Wire wire) {
        try {
            wire.skip(LARGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void largeAnswerOfABackEndThatDeclinesArrives() throws Exception {
        start();
        client = client().send(UPGRADE);
        server = arrived.poll(20, TimeUnit.SECONDS);
        server.head();
        CompletableFuture<Void> sending = Meanwhile.run(
                () -> server.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n" + "x".repeat(LARGE)));
        client.head();
        TimeUnit.MILLISECONDS.sleep(300);
        client.skip(LARGE);
        assertThat(outcome()).isEqualTo(Outcome.success());
        sending.get(20, TimeUnit.SECONDS);
    }

    @Test
    void answerUpToTheEndOfABackEndThatSaysNoGoodbyeIsNotWhole() throws Exception {
        start();
        client = client().send(UPGRADE);
        server = arrived.poll(20, TimeUnit.SECONDS);
        server.head();
        server.send("HTTP/1.1 200 OK\r\n\r\npart");
        client.head();
        assertThat(client.chunk()).isEqualTo("part");
        server.closeUnderTls();
        assertThat(client.rest()).doesNotContain("0\r\n\r\n");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }
}
