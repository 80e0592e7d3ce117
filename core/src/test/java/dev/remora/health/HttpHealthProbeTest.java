package dev.remora.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.health.HealthProbe.Prober;
import dev.remora.health.HealthProbe.Timing;
import dev.remora.pool.Backend;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Asks servers of this machine that do what servers should not. */
class HttpHealthProbeTest {

    private static final Timing SHORT = new Timing(Duration.ofSeconds(1), Duration.ofMillis(300), 1, 1);
    private static final Timing PATIENT = new Timing(Duration.ofSeconds(1), Duration.ofSeconds(20), 1, 1);
    private static final HttpHealthProbe PROBE = HealthProbe.http("/healthz").with(PATIENT);

    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    private CompletableFuture<ProbeAnswer> put(HttpHealthProbe probe, int port) {
        try (Prober prober = probe.prober(executor)) {
            return prober.probe(Backend.of("a", "http://127.0.0.1:" + port));
        }
    }

    private ProbeAnswer ask(HttpHealthProbe probe, int port) throws Exception {
        return put(probe, port)
                .handle((answer, failure) -> failure == null ? answer : ProbeAnswer.failedBy(failure))
                .get(30, TimeUnit.SECONDS);
    }

    private ProbeAnswer ask(HttpHealthProbe probe, Misbehaving.Conduct conduct) throws Exception {
        try (Misbehaving server = new Misbehaving(conduct)) {
            return ask(probe, server.port());
        }
    }

    private static Misbehaving.Conduct answering(String answer) {
        return socket -> {
            Misbehaving.readHead(socket);
            Misbehaving.say(socket, answer);
        };
    }

    @Test
    void aServerThatAcceptsNobodyFails() throws Exception {
        Misbehaving.Conduct hang = Misbehaving::hang;
        assertThat(ask(PROBE.with(SHORT), hang).passed()).isFalse();
    }

    @Test
    void aServerThatReadsButDoesNotAnswerFailsAndIsLeft() throws Exception {
        try (Misbehaving server = new Misbehaving(socket -> {
            Misbehaving.readHead(socket);
            Misbehaving.hang(socket);
        })) {
            ProbeAnswer answer = ask(PROBE.with(SHORT), server.port());
            assertThat(answer.passed()).isFalse();
            assertThat(answer.reason()).isEqualTo("HttpTimeoutException: request timed out");
            assertThat(server.isLeft()).isTrue();
        }
    }

    @Test
    void aHeadWithoutEndFails() throws Exception {
        ProbeAnswer answer = ask(PROBE.with(SHORT), socket -> {
            Misbehaving.readHead(socket);
            Misbehaving.say(socket, "HTTP/1.1 200 OK\r\n");
            Misbehaving.repeat(socket, "X-More: more\r\n");
        });
        assertThat(answer.passed()).isFalse();
    }

    @Test
    void garbageFailsWithAReasonThatIsPrintable() throws Exception {
        ProbeAnswer answer = ask(PROBE, answering("\u0001\u00ff garbage \r\n".repeat(100) + "\r\n\r\n"));
        assertThat(answer.passed()).isFalse();
        assertThat(answer.reason()).hasSizeLessThanOrEqualTo(200).matches("[ -~]+");
    }

    @Test
    void aBodyWithoutEndIsNotWaitedForWhenTheStatusDecides() throws Exception {
        try (Misbehaving server = new Misbehaving(HttpHealthProbeTest::streamWithoutEnd)) {
            ProbeAnswer answer = ask(PROBE, server.port());
            assertThat(answer).isEqualTo(ProbeAnswer.pass("status 200"));
            assertThat(server.isLeft()).isTrue();
        }
    }

    @Test
    void aBodyWithoutEndIsReadToTheBoundOnly() throws Exception {
        try (Misbehaving server = new Misbehaving(HttpHealthProbeTest::streamWithoutEnd)) {
            assertThat(ask(PROBE.expectBody(Pattern.compile("ready")), server.port())
                            .passed())
                    .isTrue();
            assertThat(ask(PROBE.expectBody(Pattern.compile("never")), server.port()))
                    .isEqualTo(ProbeAnswer.fail("status 200, but the body does not match"));
            assertThat(server.isLeft()).isTrue();
        }
    }

    private static void streamWithoutEnd(Socket socket) throws IOException {
        Misbehaving.readHead(socket);
        Misbehaving.say(socket, "HTTP/1.1 200 OK\r\n\r\n");
        Misbehaving.repeat(socket, "ready ");
    }

    @Test
    void aBodyThatStallsIsLeftWhenTheAnswerIsCancelled() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (Misbehaving server = new Misbehaving(socket -> {
            Misbehaving.readHead(socket);
            Misbehaving.say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot ");
            begun.countDown();
            Misbehaving.hang(socket);
        })) {
            CompletableFuture<ProbeAnswer> answer = put(PROBE.expectBody(Pattern.compile("ready")), server.port());
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
            answer.cancel(true);
            assertThat(server.isLeft()).isTrue();
        }
    }

    @Test
    void anExpressionThatNeverEndsIsEnded() throws Exception {
        String body = "a".repeat(60_000);
        ProbeAnswer answer = ask(
                PROBE.expectBody(Pattern.compile("(?:a|aa)*(?:a|aa)*c")),
                answering("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body));
        assertThat(answer.passed()).isFalse();
    }

    @Test
    void statusesBodyMethodAndHeadersAreAsTold() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        Misbehaving.Conduct conduct = socket -> {
            byte[] head = new byte[4_096];
            int length = socket.getInputStream().read(head);
            seen.set(new String(head, 0, length, StandardCharsets.ISO_8859_1));
            Misbehaving.say(socket, "HTTP/1.1 503 Busy\r\nContent-Length: 6\r\n\r\nbusy 1");
        };
        HttpHealthProbe probe = PROBE.method("OPTIONS")
                .header("Authorization", "Bearer secret")
                .header("user-agent", "chat-gateway")
                .expectStatus(status -> status == 503)
                .expectBody(Pattern.compile("^busy \\d$"));
        assertThat(ask(probe, conduct).passed()).isTrue();
        assertThat(seen.get())
                .startsWith("OPTIONS /healthz HTTP/1.1\r\n")
                .contains("Authorization: Bearer secret\r\n")
                .containsIgnoringCase("User-Agent: chat-gateway\r\n")
                .doesNotContain("remora-health");
        assertThat(ask(PROBE, conduct)).isEqualTo(ProbeAnswer.fail("status 503"));
        assertThat(probe.toString()).contains("Authorization").doesNotContain("secret");
    }

    @Test
    void aPortOfItsOwnIsAsked() throws Exception {
        try (Misbehaving health = new Misbehaving(answering("HTTP/1.1 204 No Content\r\n\r\n"));
                Misbehaving traffic = new Misbehaving(Misbehaving::hang)) {
            assertThat(ask(PROBE.port(health.port()), traffic.port())).isEqualTo(ProbeAnswer.pass("status 204"));
        }
    }

    @Test
    void theWordsOfAHeaderAreHonoured() throws Exception {
        HttpHealthProbe probe = PROBE.agentHeader("X-State");
        ProbeAnswer wish = ask(probe, answering("HTTP/1.1 200 OK\r\nx-state: drain 75%\r\nContent-Length: 0\r\n\r\n"));
        assertThat(wish)
                .isEqualTo(
                        new ProbeAnswer(true, false, OptionalDouble.of(0.75), Optional.of(true), "it says drain 75%"));
        ProbeAnswer maint = ask(probe, answering("HTTP/1.1 200 OK\r\nX-State: maint\r\nContent-Length: 0\r\n\r\n"));
        assertThat(maint.passed()).isFalse();
        assertThat(maint.certain()).isTrue();
        ProbeAnswer broken = ask(probe, answering("HTTP/1.1 500 Oh\r\nX-State: up\r\nContent-Length: 0\r\n\r\n"));
        assertThat(broken.passed()).isFalse();
        assertThat(broken.certain()).isFalse();
        ProbeAnswer silent = ask(probe, answering("HTTP/1.1 200 OK\r\nX-State: ??\r\nContent-Length: 0\r\n\r\n"));
        assertThat(silent).isEqualTo(ProbeAnswer.pass("status 200"));
    }

    @Test
    void theClientsThreadEndsWhenItIsClosed() throws Exception {
        long before = selectors();
        assertThat(ask(PROBE, answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
                        .passed())
                .isTrue();
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (selectors() > before) {
            assertThat(System.nanoTime() - giveUp)
                    .as("the selector's thread ends")
                    .isNegative();
            System.gc();
            Thread.onSpinWait();
        }
    }

    private static long selectors() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("SelectorManager"))
                .count();
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> PROBE.method("GET /")).hasMessage("probe method: GET / (expected: a method of HTTP)");
        assertThatThrownBy(() -> PROBE.method("HEAD").expectBody(Pattern.compile("x")))
                .hasMessage("probe method: HEAD (expected: one whose answer has a body to look at)");
        assertThatThrownBy(() -> PROBE.header("Authorization", "secret\r\nX: y"))
                .hasMessageStartingWith("probe header: Authorization (expected:")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> PROBE.port(0)).hasMessage("probe port: 0 (expected: 1 to 65535)");
        assertThatThrownBy(() -> PROBE.agentHeader("a b")).hasMessage("agent header: a b (expected: a header's name)");
    }
}
