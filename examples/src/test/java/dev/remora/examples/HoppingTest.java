package dev.remora.examples;

import static dev.remora.examples.demo.Chat.events;
import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.Status;
import dev.remora.examples.demo.Chat;
import dev.remora.redis.RedisServer;
import dev.remora.redis.RedisVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that come to another gateway each time, and find their back end. */
@Timeout(120)
class HoppingTest {

    private static final String[] THREE = {"--gateways", "3", "--strategy", "round-robin", "--tokens-per-second", "5000"
    };
    private static final int SESSIONS = 12;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void aSessionStaysOnItsBackEndAtEveryGateway() throws Exception {
        try (RedisServer redis = RedisServer.start(RedisVersion.V7_0);
                OpenGateway gateways = OpenGateway.with(with(THREE, "--redis", redis.uri()))) {
            assertThat(gateways.uris()).hasSize(3).doesNotHaveDuplicates();
            var taken = new TreeSet<String>();
            for (int session = 0; session < SESSIONS; session++) {
                Set<String> seen = backendsOf("s" + session, gateways.uris(), 2);
                assertThat(seen).as("back ends of session %d", session).hasSize(1);
                taken.addAll(seen);
            }
            assertThat(taken).as("all sessions together").containsExactly("a", "b", "c");
            until(() -> redis.command("DBSIZE").equals(String.valueOf(SESSIONS)));
        }
    }

    @Test
    void aBrowserStaysOnItsBackEndAtEveryGateway() throws Exception {
        try (OpenGateway gateways = OpenGateway.with(THREE)) {
            // Cookies know no ports: one jar serves all, as it would behind one name.
            HttpClient browser =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
            var seen = new TreeSet<String>();
            for (int turn = 0; turn < 6; turn++) {
                URI gateway = gateways.uris().get(turn % 3);
                seen.add(backend(Chat.send(browser, question(gateway, "hi", ",\"max_tokens\":1"))));
            }
            assertThat(seen).hasSize(1);
        }
    }

    @Test
    void requestsGoOnWhenRedisIsKilled() throws Exception {
        try (RedisServer redis = RedisServer.start(RedisVersion.V7_0);
                OpenGateway gateways = OpenGateway.with(with(THREE, "--redis", redis.uri()))) {
            Set<String> before = backendsOf("old", gateways.uris(), 1);

            redis.kill();

            assertThat(backendsOf("old", gateways.uris(), 3))
                    .as("a session that was known")
                    .isEqualTo(before);
            assertThat(backendsOf("new", gateways.uris(), 3))
                    .as("a session that nobody knew")
                    .hasSize(1);
        }
    }

    @Test
    void aRedisThatIsNotThereKeepsNobodyOut() throws Exception {
        try (OpenGateway gateways = OpenGateway.with(with(THREE, "--redis", "redis://127.0.0.1:" + freePort(1)))) {
            assertThat(backendsOf("new", gateways.uris(), 3)).hasSize(1);
        }
    }

    @Test
    void gatewaysOfTwoProcessesMeetInRedis() throws Exception {
        Path backends = folder.resolve("backends.yaml");
        try (RedisServer redis = RedisServer.start(RedisVersion.V7_0);
                OpenGateway one = OpenGateway.with(with(THREE, "--redis", redis.uri()))) {
            Files.writeString(
                    backends,
                    "backends: [{id: a, uri: \"%s\"}, {id: b, uri: \"%s\"}, {id: c, uri: \"%s\"}]"
                            .formatted(
                                    one.demo("a").uri(),
                                    one.demo("b").uri(),
                                    one.demo("c").uri()));
            try (OpenGateway other = OpenGateway.with("--backends-file", backends.toString(), "--redis", redis.uri())) {
                var hops = new ArrayList<>(one.uris());
                hops.addAll(other.uris());
                assertThat(backendsOf("s", hops, 3)).hasSize(1);
            }
        }
    }

    @Test
    void severalGatewaysBringARedisThatEndsWithThem() throws Exception {
        int port;
        try (OpenGateway gateways = OpenGateway.with(THREE)) {
            assertThat(backendsOf("s", gateways.uris(), 3)).hasSize(1);
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
            assertThat(isFree(port)).isFalse();
        }
        assertThat(isFree(port)).isTrue();
    }

    @Test
    void theGreetingKeepsThePasswordOfRedis() throws Exception {
        try (OpenGateway gateway = OpenGateway.with("--redis", "redis://me:secret@127.0.0.1:" + freePort(1))) {
            assertThat(Greeting.of(gateway.running()))
                    .contains("Clients are remembered in Redis[127.0.0.1:")
                    .doesNotContain("secret");
        }
    }

    @Test
    void portsFollowEachOther() throws Exception {
        int port = freePort(2);
        try (OpenGateway gateways = OpenGateway.with("--gateways", "2", "--port", String.valueOf(port))) {
            assertThat(gateways.uris())
                    .containsExactly(
                            URI.create("http://127.0.0.1:" + port), URI.create("http://127.0.0.1:" + (port + 1)));
        }
    }

    @Test
    void onePortInUseStopsAll() throws Exception {
        int port = freePort(2);
        try (var taken = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {
            CommandRun run = CommandRun.of("chat-gateway", "--gateways", "2", "--port", String.valueOf(port));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains(String.valueOf(taken.getLocalPort())).contains("in use");
            assertThat(isFree(port)).as("the port of the first").isTrue();
        }
    }

    @Test
    void thePagesDrainButtonDrainsAtEveryGateway() throws Exception {
        try (OpenGateway gateways = OpenGateway.with(THREE)) {
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

    private static String[] with(String[] flags, String... more) {
        var all = new ArrayList<>(List.of(flags));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private Set<String> backendsOf(String session, List<URI> gateways, int rounds) {
        var seen = new TreeSet<String>();
        for (int i = 0; i < rounds * gateways.size(); i++) {
            HttpRequest question = Chat.post(
                            gateways.get(i % gateways.size()),
                            "/v1/chat/completions",
                            "{\"messages\":[{}],\"max_tokens\":1}")
                    .header("X-Session-Id", session)
                    .build();
            HttpResponse<String> answer = Chat.send(client, question);
            assertThat(answer.statusCode()).isEqualTo(200);
            seen.add(backend(answer));
        }
        return seen;
    }

    private static String backend(HttpResponse<?> response) {
        return response.headers().firstValue("X-Demo-Backend").orElse("none");
    }

    /** The first of so many free ports in a row. */
    private static int freePort(int count) throws IOException {
        while (true) {
            try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                int port = socket.getLocalPort();
                if (count == 1 || isFree(port + 1)) {
                    return port;
                }
            }
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static void until(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(20));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
