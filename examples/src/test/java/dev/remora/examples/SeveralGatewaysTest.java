package dev.remora.examples;

import static dev.remora.examples.demo.Chat.events;
import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.Status;
import dev.remora.examples.demo.Chat;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gateways that start, serve and stop together. */
@Timeout(120)
class SeveralGatewaysTest {

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void severalGatewaysBringARedisThatEndsWithThem() throws Exception {
        int port;
        try (OpenGateway gateways = OpenGateway.with("--gateways", "3")) {
            String greeting = Greeting.of(gateways.running());
            assertThat(greeting)
                    .startsWith("Remora serves " + gateways.uris().get(0) + ", "
                            + gateways.uris().get(1) + ", " + gateways.uris().get(2) + " in front of a ")
                    .contains("curl -N -H 'X-Session-Id: me' " + gateways.uris().get(0))
                    .contains("curl -N -H 'X-Session-Id: me' " + gateways.uris().get(2));
            Matcher redis = Pattern.compile("remembered in a Redis of its own, redis://127.0.0.1:(\\d+)\\.")
                    .matcher(greeting);
            assertThat(redis.find()).isTrue();
            port = Integer.parseInt(redis.group(1));
            assertThat(FreePorts.isFree(port)).isFalse();
        }
        assertThat(FreePorts.isFree(port)).isTrue();
    }

    @Test
    void theGreetingKeepsThePasswordOfRedis() throws Exception {
        try (OpenGateway gateway = OpenGateway.with("--redis", "redis://me:secret@127.0.0.1:" + FreePorts.first(1))) {
            assertThat(Greeting.of(gateway.running()))
                    .contains("Clients are remembered in Redis[127.0.0.1:")
                    .doesNotContain("secret");
        }
    }

    @Test
    void portsFollowEachOther() throws Exception {
        int port = FreePorts.first(2);
        try (OpenGateway gateways = OpenGateway.with("--gateways", "2", "--port", String.valueOf(port))) {
            assertThat(gateways.uris())
                    .containsExactly(
                            URI.create("http://127.0.0.1:" + port), URI.create("http://127.0.0.1:" + (port + 1)));
        }
    }

    @Test
    void onePortInUseStopsAll() throws Exception {
        int port = FreePorts.first(2);
        try (var taken = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {
            CommandRun run = CommandRun.of("chat-gateway", "--gateways", "2", "--port", String.valueOf(port));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains(String.valueOf(taken.getLocalPort())).contains("in use");
            assertThat(FreePorts.isFree(port)).as("the port of the first").isTrue();
        }
    }

    @Test
    void thePagesDrainButtonDrainsAtEveryGateway() throws Exception {
        try (OpenGateway gateways = OpenGateway.with("--gateways", "3")) {
            HttpRequest drain = Chat.post(gateways.uris().get(1), "/demo/backends/b/drain", "")
                    .header("X-Remora-Demo", "1")
                    .build();
            assertThat(Chat.send(client, drain).statusCode()).isEqualTo(200);

            assertThat(gateways.running().balancers())
                    .extracting(balancer -> balancer.stats().backends().get(1).status())
                    .containsOnly(Status.DRAINING);
        }
    }

    @Test
    void aGracefulStopLetsAnswersFinishAtEveryGateway() throws Exception {
        try (OpenGateway gateways = OpenGateway.with("--gateways", "2", "--tokens-per-second", "200")) {
            List<HttpResponse<InputStream>> answers = new ArrayList<>();
            for (URI gateway : gateways.uris()) {
                HttpRequest request = question(gateway, "hi", ",\"stream\":true,\"max_tokens\":60");
                answers.add(client.send(request, BodyHandlers.ofInputStream()));
            }

            var stopping = new Thread(() -> gateways.running().stop(Duration.ofMinutes(1)));
            stopping.start();

            for (HttpResponse<InputStream> answer : answers) {
                String body = new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(events(body)).hasSize(1 + 60 + 2).endsWith("[DONE]");
            }
            stopping.join();
        }
    }
}
