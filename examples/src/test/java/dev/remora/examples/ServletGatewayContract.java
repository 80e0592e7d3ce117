package dev.remora.examples;

import static dev.remora.examples.demo.Chat.events;
import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.examples.demo.Chat;
import dev.remora.wire.Certificates;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the gateway does in a servlet container. */
abstract class ServletGatewayContract extends GatewayContract {

    ServletGatewayContract(String container) {
        super("servlet-gateway", "--container", container);
    }

    @Test
    void withACertificateItSpeaksHttp2() throws Exception {
        Certificates identity = Certificates.forNames(folder, "ip:127.0.0.1");
        try (var gateway = open(showing(identity))) {
            HttpClient client =
                    HttpClient.newBuilder().sslContext(identity.context()).build();

            HttpResponse<String> answer =
                    Chat.send(client, question(gateway.uri(), "hi", ",\"stream\":true,\"max_tokens\":5"));

            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(events(answer.body())).hasSize(1 + 5 + 2).endsWith("[DONE]");
        }
    }

    @Test
    void streamsHoldNoThread() throws Exception {
        try (var gateway = open("--threads", "2")) {
            HttpClient client = HttpClient.newHttpClient();
            List<InputStream> streams = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                streams.add(client.send(
                                question(gateway.uri(), "hi", ",\"stream\":true,\"max_tokens\":100000"),
                                BodyHandlers.ofInputStream())
                        .body());
            }
            for (InputStream stream : streams) {
                assertThat(stream.read()).isEqualTo('d');
            }
            for (InputStream stream : streams) {
                stream.close();
            }
        }
    }
}
