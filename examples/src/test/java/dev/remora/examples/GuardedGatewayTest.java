package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.guard.ApiKey;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway that is limited and guarded by flags answers. */
@Timeout(120)
class GuardedGatewayTest {

    private static final String CHAT = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"' or 1=1\"}],"
            + "\"stream\":true,\"stream_options\":{\"include_usage\":true}}";

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private HttpResponse<String> chat(OpenGateway gateway, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.uri().resolve("/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(CHAT));
        return client.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
    }

    @Test
    void whoHasHadItsRequestsIsToldWhenToComeBack() throws Exception {
        try (OpenGateway gateway = OpenGateway.with("--rate-limit", "2/1h", "--tokens-per-second", "1000")) {
            HttpResponse<String> first = chat(gateway);
            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(first.headers().firstValue("RateLimit-Policy")).contains("\"requests\";q=2;w=3600");
            assertThat(first.body()).contains("[DONE]");
            assertThat(chat(gateway).statusCode()).isEqualTo(200);
            HttpResponse<String> denied = chat(gateway);
            assertThat(denied.statusCode()).isEqualTo(429);
            assertThat(denied.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isBetween(1_700L, 1_800L);
            assertThat(denied.body()).contains("quota-exceeded").contains("\"violated-policies\":[\"requests\"]");
        }
    }

    @Test
    void tokensThatWereReservedAndNotTakenAreGivenBack() throws Exception {
        try (OpenGateway gateway = OpenGateway.with("--token-limit", "800/1h", "--tokens-per-second", "1000")) {
            HttpResponse<String> first = chat(gateway);
            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(first.headers().firstValue("RateLimit-Policy"))
                    .contains("\"tokens\";q=800;qu=\"remora-tokens\";w=3600");
            assertThat(chat(gateway).statusCode())
                    .as("the first has reserved more than 500")
                    .isEqualTo(200);
        }
    }

    @Test
    void onlyWhoShowsAKeyEnters() throws Exception {
        String key = ApiKey.generate();
        Path keys = Files.writeString(folder.resolve("keys"), "alice pro " + ApiKey.sha256(key) + "\n");
        try (OpenGateway gateway = OpenGateway.with("--api-keys", keys.toString(), "--tokens-per-second", "1000")) {
            HttpResponse<String> stranger = chat(gateway);
            assertThat(stranger.statusCode()).isEqualTo(401);
            assertThat(stranger.headers().firstValue("WWW-Authenticate")).isPresent();
            assertThat(chat(gateway, "Authorization", "Bearer " + key).statusCode())
                    .isEqualTo(200);
            assertThat(chat(gateway, "X-Api-Key", key).statusCode()).isEqualTo(200);
            assertThat(chat(gateway, "X-Api-Key", key + "x").statusCode()).isEqualTo(401);
        }
    }

    @Test
    void addressesMayBeKeptOut() throws Exception {
        Path blocks = Files.writeString(folder.resolve("blocks"), "127.0.0.0/8 # this machine\n");
        try (OpenGateway gateway = OpenGateway.with("--deny-addresses", blocks.toString())) {
            assertThat(chat(gateway).statusCode()).isEqualTo(403);
        }
    }

    @Test
    void attacksInQueriesAreRefusedAndPromptsAreNot() throws Exception {
        try (OpenGateway gateway = OpenGateway.with("--inspect", "block", "--tokens-per-second", "1000")) {
            URI attack = gateway.uri().resolve("/v1/models?id=1%27%20UNION%20SELECT%20password%20FROM%20users--");
            HttpResponse<String> refused =
                    client.send(HttpRequest.newBuilder(attack).build(), BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(chat(gateway).statusCode()).isEqualTo(200);
        }
    }
}
