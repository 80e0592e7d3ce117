package dev.remora.examples;

import static dev.remora.examples.demo.Chat.events;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.examples.demo.Chat;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS on the front and to a back end, with a certificate that the JDK's keytool has made. */
@Timeout(120)
class TlsTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path folder;

    @Test
    void aGatewayWithACertificateCanStandBehindOneThatTrustsIt() throws Exception {
        KeyStore store = selfSigned();
        Path certificate = pem("CERTIFICATE", store.getCertificate("gateway").getEncoded());
        Path key = pem("PRIVATE KEY", store.getKey("gateway", PASSWORD).getEncoded());
        try (var inner = OpenGateway.with(
                        "--tls-cert",
                        certificate.toString(),
                        "--tls-key",
                        key.toString(),
                        "--tokens-per-second",
                        "5000");
                var outer =
                        OpenGateway.with("--backend", "inner=" + inner.uri(), "--backend-ca", certificate.toString())) {
            assertThat(inner.uri()).hasScheme("https");

            HttpResponse<String> answer = Chat.send(
                    HttpClient.newHttpClient(), Chat.question(outer.uri(), "hi", ",\"stream\":true,\"max_tokens\":20"));

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(events(answer.body())).hasSize(1 + 20 + 2).endsWith("[DONE]");
        }
    }

    private KeyStore selfSigned() throws Exception {
        Path file = folder.resolve("store.p12");
        int exit = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "gateway",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        String.valueOf(PASSWORD),
                        "-keystore",
                        file.toString())
                .inheritIO()
                .start()
                .waitFor();
        assertThat(exit).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private Path pem(String type, byte[] der) throws IOException {
        String text = "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + type + "-----\n";
        return Files.writeString(folder.resolve(type.replace(' ', '-') + ".pem"), text);
    }
}
