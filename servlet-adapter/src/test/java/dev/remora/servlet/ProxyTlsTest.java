package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.wire.Certificates;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS and HTTP/2 on both sides of the proxy. */
class ProxyTlsTest extends ProxyFixture {

    @TempDir
    static Path keys;

    private static Certificates certificates;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = Certificates.forNames(keys, "ip:127.0.0.1,dns:localhost");
    }

    private void secured() {
        containing(site -> site.certificates = Optional.of(certificates));
    }

    private HttpClient http2() throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(certificates.context())
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port() + path));
    }

    /** An {@code https} back end in the same container, which tells what it was asked. */
    private Backend secureBackend() throws Exception {
        Site site = new Site(directory);
        site.certificates = Optional.of(certificates);
        site.servlets.add(new Site.MappedServlet(
                "/*",
                new TestServlet((request, response) -> {
                    byte[] body = request.getInputStream().readAllBytes();
                    response.setHeader("X-Seen", request.getProtocol() + " " + request.getServerName());
                    response.getOutputStream().write(body);
                }),
                true));
        RunningContainer running = Container.start(site);
        closing(running::stop);
        return Backend.of("a", "https://127.0.0.1:" + running.port());
    }

    @Test
    void clientsOverHttp2SeeEventsOneByOne() throws Exception {
        secured();
        BlockingQueue<Wire> servers = new LinkedBlockingQueue<>();
        CountDownLatch over = new CountDownLatch(1);
        start(backend("a", server -> {
            server.head();
            server.send(EVENTS);
            servers.add(server);
            over.await();
        }));
        HttpResponse<InputStream> response = http2().send(request("/").build(), BodyHandlers.ofInputStream());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        Wire server = servers.take();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            // So many that a container has not always sent one when the next comes.
            for (int i = 0; i < 300; i++) {
                server.send("9\r\ndata: " + i % 10 + "\n\n\r\n");
                assertThat(lines.readLine()).isEqualTo("data: " + i % 10);
                assertThat(lines.readLine()).isEmpty();
            }
            server.send("0\r\n\r\n");
            assertThat(lines.readLine()).isNull();
        }
        over.countDown();
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @Test
    void refusalIsSoundOverHttp2Too() throws Exception {
        secured();
        start(backend("a", server -> {}));
        HttpRequest misleading = request("/")
                .method("OPTIONS", BodyPublishers.noBody())
                .header("max-forwards", "x")
                .build();
        HttpResponse<String> response = http2().send(misleading, BodyHandlers.ofString());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"status\":400");
    }

    @Test
    void answerThatBreaksOffBreaksItsHttp2Stream() throws Exception {
        secured();
        start(backend("a", server -> {
            server.head();
            server.send(EVENTS + "9\r\ndata: 1\n\n\r\n");
        }));
        HttpClient client = http2();
        assertThatThrownBy(() -> {
                    HttpResponse<String> response = client.send(request("/").build(), BodyHandlers.ofString());
                    throw new AssertionError("whole: " + response.body());
                })
                .isInstanceOf(IOException.class);
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
    }

    @Test
    void clientThatCancelsItsHttp2StreamEndsItAtTheBackEnd() throws Exception {
        secured();
        CountDownLatch closed = new CountDownLatch(1);
        start(backend("a", server -> {
            server.head();
            server.send(EVENTS);
            try {
                // Undertow notices only when it writes.
                while (true) {
                    server.send("9\r\ndata: 1\n\n\r\n");
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            } finally {
                closed.countDown();
            }
        }));
        HttpResponse<InputStream> response = http2().send(request("/").build(), BodyHandlers.ofInputStream());
        assertThat(response.body().read()).isEqualTo('d');
        response.body().close();
        assertThat(closed.await(20, TimeUnit.SECONDS))
                .as("the back end is told")
                .isTrue();
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE", "POST"})
    void bodiesThatHttp2DoesNotAnnouncePass(String method) throws Exception {
        secured();
        proxying(builder -> builder.backendTls(certificates.certificate()));
        start(secureBackend());
        // Without a length.
        HttpRequest sending = request("/")
                .method(method, BodyPublishers.fromPublisher(BodyPublishers.ofString("hello")))
                .build();
        HttpResponse<String> response = http2().send(sending, BodyHandlers.ofString());
        assertThat(response.statusCode() + response.body()).isEqualTo("200hello");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void backEndsSpeakTlsAndHttp2WhereItIsOffered(boolean http2) throws Exception {
        proxying(builder -> builder.backendTls(certificates.certificate()).http2(http2));
        start(secureBackend());
        String request = lines("POST /a HTTP/1.1", "Host: localhost", "Content-Length: 5") + "hello";
        assertThat(client().send(request).response())
                .endsWith("\r\n\r\nhello")
                .containsIgnoringCase(http2 ? "x-seen: HTTP/2.0 127.0.0.1\r\n" : "x-seen: HTTP/1.1 localhost\r\n")
                .doesNotContain(":status");
    }

    @Test
    void backEndOfAnotherNameIsNotTrusted() throws Exception {
        proxying(builder -> builder.backendTls(certificates.certificate()));
        Backend other = secureBackend();
        start(Backend.of("a", "https://127.0.0.2:" + other.port()));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 502 ");
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.CONNECT));
    }

    @Test
    void fileWithoutCertificatesIsRefused() {
        Path empty = directory.resolve("none.pem");
        assertThatThrownBy(() -> BackendTls.trusting(empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("backendTls: ");
    }

    @Test
    void http2BackEndThatGoesRightBehindItsHeadIsNotWaitedFor() throws Exception {
        CountDownLatch headSeen = new CountDownLatch(1);
        SSLSocketFactory factory = certificates.context().getSocketFactory();
        ScriptedBackend server = closing(ScriptedBackend.start("a", socket -> http2(factory, socket), wire -> {
            wire.skip("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length());
            wire.send(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            skipToHeaders(wire);
            // :status 200, content-type text/event-stream
            wire.send("\0\0\u0015\u0001\u0004\0\0\0\u0001\u0088\u000f\u0010\u0011text/event-stream");
            headSeen.await();
            wire.closeUnderTls();
        }));
        proxying(builder -> builder.backendTls(certificates.certificate())
                .http2(true)
                .resumable(request -> {
                    headSeen.countDown();
                    // The connection breaks while the head is looked at.
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
                    return false;
                }));
        start(Backend.of("a", "https://localhost:" + server.port()));
        Wire client = client().send(GET);
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
        assertThat(client.rest()).doesNotContain("0\r\n\r\n");
    }

    private static Wire http2(SSLSocketFactory factory, Socket socket) {
        try {
            SSLSocket tls = (SSLSocket) factory.createSocket(socket, null, socket.getPort(), false);
            tls.setUseClientMode(false);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            tls.setSSLParameters(parameters);
            return new Wire(tls, socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void skipToHeaders(Wire wire) throws IOException {
        int type;
        do {
            int length = wire.read() << 16 | wire.read() << 8 | wire.read();
            type = wire.read();
            wire.skip(5L + length);
        } while (type != 1);
    }
}
