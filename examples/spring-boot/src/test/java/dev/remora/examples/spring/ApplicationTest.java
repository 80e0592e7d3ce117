package dev.remora.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadBalancer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The application in front of small back ends: as a gateway, and asking by itself. */
@Timeout(60)
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class ApplicationTest {

    private static final String GATEWAY = "/v1/answer";
    private static final String CONTROLLER = "/chat?question=how+are+you";
    private static final Map<String, AnsweringBackend> BACK_ENDS =
            Stream.of("a", "b", "c", "d").collect(Collectors.toMap(name -> name, AnsweringBackend::start));

    private final HttpClient browser = browser();

    @Autowired
    private LoadBalancer balancer;

    @LocalServerPort
    private int port;

    @DynamicPropertySource
    static void configure(DynamicPropertyRegistry registry) {
        BACK_ENDS.forEach((name, backEnd) -> registry.add("remora.back-ends." + name, backEnd::uri));
        registry.add("remora.cookie-key", () -> "sixteen bytes or more");
    }

    @AfterAll
    static void close() {
        BACK_ENDS.values().forEach(AnsweringBackend::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {GATEWAY, CONTROLLER})
    void eventsArriveOneByOne(String path) throws Exception {
        try (BufferedReader answer = ask(browser, path)) {
            AnsweringBackend speaker = speaker(event(answer));
            assertThat(balancer.stats().openStreams()).isEqualTo(1);

            speaker.say("one");
            assertThat(event(answer)).isEqualTo("one");
            speaker.say("two");
            assertThat(event(answer)).isEqualTo("two");

            speaker.stop();
            assertThat(answer.lines()).allMatch(String::isEmpty);
        }
        until(() -> balancer.stats().openStreams() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {GATEWAY, CONTROLLER})
    void aClientStaysOnItsBackEnd(String path) throws Exception {
        String first = whole(browser, path);

        for (int turn = 0; turn < 10; turn++) {
            assertThat(whole(browser, path)).isEqualTo(first);
        }
        until(() -> balancer.stats().openStreams() == 0);
    }

    @ParameterizedTest
    @CsvSource({GATEWAY + ", c", CONTROLLER + ", d"})
    void aClientWhoseBackEndIsDeadGetsAnotherOneAndStaysThere(String path, String victim) throws Exception {
        HttpClient tied = browser();
        while (!whole(tied, path).equals(victim)) {
            tied = browser();
        }

        speaker(victim).close();

        String next = whole(tied, path);
        assertThat(next).isNotEqualTo(victim);
        assertThat(whole(tied, path)).isEqualTo(next);
        until(() -> balancer.stats().openStreams() == 0);
    }

    @Test
    void healthIsTheBackEnds() throws Exception {
        HttpResponse<String> health = browser.send(request("/health"), BodyHandlers.ofString());

        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body()).contains("\"a\":\"READY\"");
    }

    private static HttpClient browser() {
        return HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    }

    private String whole(HttpClient client, String path) throws Exception {
        try (BufferedReader answer = ask(client, path)) {
            String name = event(answer);
            speaker(name).stop();
            assertThat(answer.lines()).allMatch(String::isEmpty);
            return name;
        }
    }

    private BufferedReader ask(HttpClient client, String path) throws Exception {
        HttpResponse<InputStream> answer = client.send(request(path), BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
    }

    private static String event(BufferedReader answer) throws IOException {
        String line = answer.readLine();
        while (line != null && line.isEmpty()) {
            line = answer.readLine();
        }
        assertThat(line).startsWith("data:");
        return line.substring("data:".length()).strip();
    }

    private static AnsweringBackend speaker(String name) {
        return Objects.requireNonNull(BACK_ENDS.get(name), name);
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
