package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.http.Timeouts;
import dev.remora.pool.Backend;
import dev.remora.wire.Certificates;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on both sides of the gateway. */
final class TlsTest extends GatewayFixture {

    @TempDir
    static Path directory;

    private static Certificates certificates;

    private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = Certificates.forNames(directory, "dns:localhost");
    }

    @Test
    void clientsSpeakTls() throws Exception {
        GatewayServer gateway = gateway(
                settings -> settings.stickyCookie(StickyCookie.signedWith(new byte[32])),
                server -> server.tls(certificates.certificate(), certificates.key()),
                answering("a", this::answer));
        Wire client = secure(gateway);
        for (int i = 0; i < 5; i++) {
            String answer = client.send(GET).response();
            assertThat(answer).endsWith("ok").containsIgnoringCase("; secure");
            assertThat(heads.poll(20, TimeUnit.SECONDS)).containsIgnoringCase("x-forwarded-proto: https");
        }
        assertThat(secure(gateway).send("NOT HTTP\r\n\r\n").rest()).startsWith("HTTP/1.1 400 ");
        client.close();
    }

    @Test
    void uploadAndAnswerOfSomeSizePass() throws Exception {
        int size = 2 * 1024 * 1024;
        GatewayServer gateway = gateway(
                settings -> {},
                server -> server.tls(certificates.certificate(), certificates.key())
                        .backendTls(certificates.certificate()),
                secureBackend(server -> {
                    server.head();
                    server.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                    byte[] piece = new byte[64 * 1024];
                    for (int i = 0; i < size; i += piece.length) {
                        server.skip(piece.length);
                        server.send(piece);
                    }
                }));
        Wire client = secure(gateway).send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
        Thread uploader = new Thread(() -> client.send(new byte[size]));
        uploader.start();
        client.head();
        client.skip(size);
        uploader.join();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void backEndsSpeakTlsAndAreVerified() throws Exception {
        Backend trusted = secureBackend(server -> {
            while (true) {
                answer(server);
            }
        });
        gateway(settings -> {}, server -> server.backendTls(certificates.certificate()), trusted);
        Wire client = client();
        for (int i = 0; i < 3; i++) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
    }

    @Test
    void backEndOfAnotherNameIsNotTrusted() throws Exception {
        Backend other = secureBackend(this::answer);
        gateway(
                settings -> {},
                server -> server.backendTls(certificates.certificate()),
                Backend.of("a", "https://127.0.0.1:" + other.port()));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
        assertThat(heads).isEmpty();
    }

    @Test
    void backEndThatNobodyVouchesForIsNotTrusted() throws Exception {
        gateway(settings -> {}, server -> {}, secureBackend(this::answer));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
    }

    @Test
    void bodyUpToTheEndNeedsAGoodbyeOverTls() throws Exception {
        CompletableFuture<Void> read = new CompletableFuture<>();
        gateway(settings -> {}, server -> server.backendTls(certificates.certificate()), secureBackend(server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\n\r\nabc");
            read.join();
            server.closeUnderTls();
        }));
        Wire client = client().send(GET);
        client.head();
        assertThat(client.chunk()).isEqualTo("abc");
        read.complete(null);
        assertThat(client.read()).as("no last chunk").isNegative();
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void bodyUpToTheEndIsWholeWithAGoodbye() throws Exception {
        gateway(settings -> {}, server -> server.backendTls(certificates.certificate()), secureBackend(server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\n\r\nabc");
        }));
        assertThat(client().send(GET).response()).endsWith("abc");
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void tunnelOverTlsEndsWithEitherSide() throws Exception {
        GatewayServer gateway = gateway(
                settings -> {},
                server -> server.tls(certificates.certificate(), certificates.key())
                        .backendTls(certificates.certificate()),
                secureBackend(server -> {
                    server.head();
                    server.send(lines("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"));
                    server.send(server.text(5));
                    server.read();
                }));
        Wire client = secure(gateway).send(lines("GET / HTTP/1.1", "Host: a", "Connection: upgrade", "Upgrade: x"));
        client.head();
        assertThat(client.send("hello").text(5)).isEqualTo("hello");
        client.close();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void plainHttpToATlsPortIsDropped() throws Exception {
        gateway(
                settings -> {},
                server -> server.tls(certificates.certificate(), certificates.key()),
                answering("a", this::answer));
        assertThat(client().send(GET).rest()).doesNotContain("HTTP/1.1 200");
        assertThat(heads).isEmpty();
    }

    @Test
    void handshakeThatNeverEndsIsDropped() throws Exception {
        GatewayServer gateway = gateway(
                settings -> {},
                server -> server.tls(certificates.certificate(), certificates.key())
                        .timeouts(Timeouts.defaults().withRequestHead(Duration.ofMillis(100))),
                answering("a", this::answer));
        Wire client = client().send("\u0016\u0003\u0001");
        eventually("the client is connected", () -> gateway.openConnections() == 1);
        time.pass(Duration.ofMillis(100));
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void filesThatAreNoCertificatesAreNamed() {
        gateway(answering("a", this::answer));
        Path nothing = directory.resolve("nothing.pem");
        assertThatThrownBy(() -> GatewayServer.builder(balancer())
                        .port(0)
                        .tls(nothing, nothing)
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tls: " + nothing);
        assertThatThrownBy(() -> GatewayServer.builder(balancer())
                        .port(0)
                        .backendTls(nothing)
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("backendTls: " + nothing);
    }

    private void answer(Wire server) {
        String head = server.head();
        assertThat(head).isNotEmpty();
        heads.add(head);
        server.send(OK);
    }

    private Backend secureBackend(ScriptedBackend.Script each) throws Exception {
        SSLContext context = certificates.context();
        ScriptedBackend backend = closing(ScriptedBackend.start("a", plain -> overTls(context, plain), each));
        return Backend.of("a", "https://localhost:" + backend.port());
    }

    private static Wire overTls(SSLContext context, Socket plain) {
        try {
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "client", 0, true);
            socket.setUseClientMode(false);
            return new Wire(socket, plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Wire secure(GatewayServer gateway) throws Exception {
        SSLSocket socket = (SSLSocket) certificates
                .context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), gateway.port());
        return closing(new Wire(socket));
    }
}
