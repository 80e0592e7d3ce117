package dev.remora.examples;

import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.remora.examples.demo.Chat;
import dev.remora.redis.RedisCluster;
import dev.remora.redis.RedisSentinel;
import dev.remora.redis.RedisServer;
import dev.remora.redis.RedisVersion;
import java.io.IOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
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
    void aSessionThatABackEndMadeIsFoundAtEveryGateway() throws Exception {
        try (RedisServer redis = RedisServer.start(RedisVersion.V7_0);
                var a = new Issuer("a");
                var b = new Issuer("b");
                OpenGateway gateways = OpenGateway.with(
                        "--backend",
                        a.flag(),
                        "--backend",
                        b.flag(),
                        "--strategy",
                        "round-robin",
                        "--sticky",
                        "mcp",
                        "--gateways",
                        "2",
                        "--redis",
                        redis.uri())) {
            for (int session = 1; session <= 4; session++) {
                HttpResponse<String> first = ask(gateways.uris().get(0), Optional.empty());
                Optional<String> issued = first.headers().firstValue("Mcp-Session-Id");
                assertThat(issued).isPresent();
                // The gateway tells Redis behind the back of the response.
                String sessions = String.valueOf(session);
                until(() -> redis.command("DBSIZE").equals(sessions));

                assertThat(ask(gateways.uris().get(1), issued).body()).isEqualTo(first.body());
                assertThat(ask(gateways.uris().get(0), issued).body()).isEqualTo(first.body());
            }
        }
    }

    @Test
    void sessionsMayBeInAClusterOrUnderASentinel() throws Exception {
        try (RedisCluster cluster = RedisCluster.start(RedisVersion.V7_0);
                OpenGateway gateways = OpenGateway.with(with(THREE, "--redis", String.join(",", cluster.uris())))) {
            assertThat(backendsOf("s", gateways.uris(), 2)).hasSize(1);
            until(() -> cluster.nodes().stream()
                            .filter(node -> node.command("DBSIZE").equals("1"))
                            .count()
                    == 2);
        }
        try (RedisSentinel sentinel = RedisSentinel.start(RedisVersion.V7_0);
                OpenGateway gateways = OpenGateway.with(with(THREE, "--redis", sentinel.uri()))) {
            assertThat(backendsOf("s", gateways.uris(), 2)).hasSize(1);
            until(() -> sentinel.master().command("DBSIZE").equals("1"));
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
        try (OpenGateway gateways =
                OpenGateway.with(with(THREE, "--redis", "redis://127.0.0.1:" + FreePorts.first(1)))) {
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

    private HttpResponse<String> ask(URI gateway, Optional<String> session) {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.resolve("/mcp"));
        session.ifPresent(id -> request.header("Mcp-Session-Id", id));
        return Chat.send(client, request.build());
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

    private static void until(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(20));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** A back end that says its name, and gives each client without a session a new one. */
    private static final class Issuer implements AutoCloseable {

        private final String name;
        private final HttpServer server;
        private final AtomicInteger sessions = new AtomicInteger();

        Issuer(String name) throws IOException {
            this.name = name;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::answer);
            server.start();
        }

        String flag() {
            return name + "=http://127.0.0.1:" + server.getAddress().getPort();
        }

        private void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                if (!exchange.getRequestHeaders().containsKey("Mcp-Session-Id")) {
                    exchange.getResponseHeaders().add("Mcp-Session-Id", name + sessions.incrementAndGet());
                }
                byte[] body = name.getBytes(StandardCharsets.US_ASCII);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
