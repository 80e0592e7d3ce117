package dev.remora.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.remora.health.HealthProbe.Prober;
import dev.remora.pool.Backend;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with a certificate of its own, for 127.0.0.1 only, made by the JDK's keytool. */
class TlsProbeTest {

    private static final HttpHealthProbe PROBE = HealthProbe.http("/healthz");
    private static final char[] PASSWORD = "changeit".toCharArray();

    private static final ExecutorService EXECUTOR = Executors.newFixedThreadPool(2);

    @TempDir
    static Path directory;

    private static SSLContext own;
    private static HttpsServer server;

    @BeforeAll
    static void start() throws Exception {
        own = context(keys());
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(own));
        server.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
        EXECUTOR.shutdownNow();
    }

    private static KeyStore keys() throws Exception {
        Path store = directory.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-alias",
                        "probe",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=probe",
                        "-ext",
                        "san=ip:127.0.0.1")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(1, TimeUnit.MINUTES)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    private static SSLContext context(KeyStore keys) throws Exception {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        certificates.setCertificateEntry("probe", keys.getCertificate("probe"));
        trusted.init(certificates);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    private static ProbeAnswer ask(HttpHealthProbe probe, String base) throws Exception {
        try (Prober prober = probe.prober(EXECUTOR)) {
            return prober.probe(Backend.of("a", base + ":" + server.getAddress().getPort()))
                    .handle((answer, failure) -> failure == null ? answer : ProbeAnswer.failedBy(failure))
                    .get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aTrustedCertificatePasses() throws Exception {
        assertThat(ask(PROBE.sslContext(own), "https://127.0.0.1")).isEqualTo(ProbeAnswer.pass("status 200"));
    }

    @Test
    void thePlatformTrustsNoCertificateOfOurOwn() throws Exception {
        ProbeAnswer answer = ask(PROBE, "https://127.0.0.1");
        assertThat(answer.passed()).isFalse();
        assertThat(answer.reason()).startsWith("SSLHandshakeException");
    }

    @Test
    void aCertificateForAnotherNameFails() throws Exception {
        assertThat(ask(PROBE.sslContext(own), "https://localhost").passed()).isFalse();
    }

    @Test
    void tlsIsAChoiceOfItsOwn() throws Exception {
        assertThat(ask(PROBE.sslContext(own).tls(true), "http://127.0.0.1").passed())
                .isTrue();
        assertThat(ask(PROBE.sslContext(own).tls(false), "https://127.0.0.1").passed())
                .isFalse();
    }
}
