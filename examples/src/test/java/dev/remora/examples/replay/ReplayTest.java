package dev.remora.examples.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.examples.demo.DemoBackend;
import dev.remora.examples.demo.Pace;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ReplayTest {

    private final DemoBackend backend = new DemoBackend("a", new Pace(20_000, 0.5), 3);

    @BeforeEach
    void start() {
        backend.start().join();
    }

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void asksEveryQuestionAndReadsEveryTokenOfEachAnswer() throws Exception {
        ReplayReport report = replay(trace(60, 10_000), options(target(), Duration.ofMinutes(1)));

        assertThat(report.errors()).isEmpty();
        assertThat(report.faultless()).isTrue();
        assertThat(report.requests()).isEqualTo(60);
        assertThat(report.complete()).isEqualTo(60);
        assertThat(report.tokens())
                .isEqualTo(report.tokensAsked())
                .isEqualTo(IntStream.range(0, 60).map(i -> 1 + i).sum());
        assertThat(report.backends()).isEqualTo(Map.of("a", 60L));
        assertThat(report.shares()).isEqualTo(Map.of("a", 100.0));
        assertThat(report.firstToken().count()).isEqualTo(60);
        assertThat(report.gap().count()).isEqualTo(report.tokens() - 60);
        assertThat(report.total().count()).isEqualTo(60);
        assertThat(report.lateness().count()).isEqualTo(60);
    }

    @Test
    void keepsNoMoreOpenThanAllowed() throws Exception {
        var one = new ReplayOptions(
                target(),
                1e6,
                1,
                true,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                100,
                "m",
                Map.of("X-Y", "z"),
                "X-Demo-Backend");

        ReplayReport report = replay(trace(10, 0), one);

        assertThat(report.faultless()).isTrue();
        assertThat(report.maxOpen()).isEqualTo(1);
    }

    @Test
    void tellsHowManyTurnsStayedOnTheirBackEnd() throws Exception {
        var oneAfterTheOther = new ReplayOptions(
                target(), 1, 1, true, Duration.ofMinutes(1), Duration.ofMinutes(1), 0, "m", Map.of(), "X-Demo-Backend");

        ReplayReport report = replay(trace(60, 0), oneAfterTheOther);

        assertThat(report.followUps()).as("ten conversations, six turns each").isEqualTo(50);
        assertThat(report.kept()).isEqualTo(50);
    }

    @Test
    void countsRefusedConnections() throws Exception {
        URI target = target();
        backend.stop().join();

        ReplayReport report = replay(trace(3, 0), options(target, Duration.ofMinutes(1)));

        assertThat(report.errors()).isEqualTo(Map.of(OpenAnswer.NOT_CONNECTED, 3L));
        assertThat(report.faultless()).isFalse();
    }

    @Test
    void countsStatuses() throws Exception {
        ReplayReport report = replay(trace(2, 0), options(backend.uri().resolve("/nowhere"), Duration.ofMinutes(1)));

        assertThat(report.errors()).isEqualTo(Map.of("HTTP 404", 2L));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-Type: text/event-stream;Content-Length: 9    | data: {}@     | answer without [DONE]",
                "Content-Type: text/event-stream;Content-Length: 99   | data: {}@     | connection broken before the answer was whole",
                "Content-Type: text/event-stream;Transfer-Encoding: chunked | f@data: [DONE]@@@ | connection broken before the answer was whole",
                "Content-Type: text/event-stream                      | data: {\"error\":{}}@ | error event in the answer",
                "Content-Type: text/event-stream                      | data: {{@     | answer is not an event stream",
                "Content-Type: text/html;Content-Length: 2            | hi            | answer is not an event stream",
            })
    void tellsHowAnAnswerBroke(String headers, String body, String kind) throws Exception {
        String response = "HTTP/1.1 200 OK\r\n" + headers.replace(";C", "\r\nC").replace(";T", "\r\nT") + "\r\n\r\n"
                + body.replace('@', '\n');
        try (var server = new OneAnswer(response, false)) {
            ReplayReport report = replay(trace(1, 0), options(server.uri(), Duration.ofMinutes(1)));

            assertThat(report.errors()).isEqualTo(Map.of(kind, 1L));
            assertThat(report.complete()).isZero();
        }
    }

    @Test
    void givesUpAnAnswerThatNeverEnds() throws Exception {
        try (var server =
                new OneAnswer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {}\n\n", true)) {
            ReplayReport report = replay(trace(1, 0), options(server.uri(), Duration.ofMillis(300)));

            assertThat(report.errors()).isEqualTo(Map.of(OpenAnswer.TIMED_OUT, 1L));
            server.awaitEnd();
        }
    }

    @Test
    void stopsAtTheTimeLimit() throws Exception {
        var farAway = new Trace(List.of(
                new TraceRequest(0, 1, 1, Optional.empty()),
                new TraceRequest(Duration.ofDays(1).toNanos(), 1, 1, Optional.empty())));
        var limited = new ReplayOptions(
                target(),
                1,
                9,
                false,
                Duration.ofMinutes(1),
                Duration.ofSeconds(2),
                0,
                "m",
                Map.of(),
                "X-Demo-Backend");

        ReplayReport report = replay(farAway, limited);

        assertThat(report.requests()).isEqualTo(1);
        assertThat(report.skipped()).isEqualTo(1);
        assertThat(report.faultless()).isFalse();
    }

    @Test
    void summaryShowsWhatWasSeen() throws Exception {
        String summary = Summary.of(replay(
                trace(20, 0),
                new ReplayOptions(
                        target(),
                        1,
                        1,
                        true,
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1),
                        0,
                        "m",
                        Map.of(),
                        "X-Demo-Backend")));

        assertThat(summary)
                .contains("20 sent in")
                .contains("20 complete, 0 not")
                .contains("a 100.0 % (20)")
                .contains("follow-up turns (100.0 %)")
                .containsPattern("time to first token +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+");
    }

    private URI target() {
        return backend.uri().resolve("/v1/chat/completions");
    }

    private static ReplayReport replay(Trace trace, ReplayOptions options) throws InterruptedException {
        return new Replay(trace, options, Progress.none()).run();
    }

    private static ReplayOptions options(URI target, Duration timeout) {
        return new ReplayOptions(
                target, 1, 100, true, timeout, Duration.ofMinutes(2), 2_000, "m", Map.of(), "X-Demo-Backend");
    }

    /** Ten conversations in turn; answers of 1, 2, 3 ... tokens. */
    private static Trace trace(int requests, long gapNanos) {
        return new Trace(IntStream.range(0, requests)
                .mapToObj(i -> new TraceRequest(i * gapNanos, 7 * i, 1 + i, Optional.of("c" + i % 10)))
                .toList());
    }

    /** A server that says one thing to one client. */
    private static final class OneAnswer implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final Thread thread;

        OneAnswer(String response, boolean waits) throws IOException {
            thread = new Thread(() -> {
                try (Socket client = listener.accept()) {
                    client.getInputStream().read(new byte[10_000]);
                    client.getOutputStream().write(response.getBytes(StandardCharsets.UTF_8));
                    if (!waits) {
                        client.shutdownOutput();
                    }
                    client.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // It has left with a reset, or before it was accepted.
                }
            });
            thread.start();
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/");
        }

        /** Returns when the client has closed its connection. */
        void awaitEnd() throws IOException, InterruptedException {
            listener.close();
            thread.join();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
