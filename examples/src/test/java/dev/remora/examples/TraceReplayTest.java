package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.examples.demo.DemoBackend;
import dev.remora.examples.demo.Pace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TraceReplayTest {

    private static final String AZURE = """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2030-01-01 00:00:00.0000000,374,44
            2030-01-01 00:00:00.0100000,10,109
            2030-01-01 00:00:00.0200000,879,3
            """;

    @TempDir
    Path folder;

    @Test
    void replaysATraceAndExitsZeroWhenEveryAnswerCameWhole() throws IOException {
        Path trace = Files.writeString(folder.resolve("trace.csv"), AZURE);
        try (var backend = new DemoBackend("a", new Pace(10_000, 0.5), 1)) {
            backend.start().join();

            CommandRun run = CommandRun.of(
                    "trace-replay", trace.toString(), "--url", backend.uri().toString(), "--sticky", "conversation");

            assertThat(run.err()).isEmpty();
            assertThat(run.out())
                    .contains("Replaying 3 requests of trace.csv against " + backend.uri() + "/v1/chat/completions")
                    .contains("This trace does not tell conversations")
                    .contains("3 complete, 0 not")
                    .contains("156 received, 156 asked for")
                    .contains("a 100.0 % (3)");
            assertThat(run.exitCode()).isZero();
        }
    }

    @Test
    void replaysAgainstAGatewayOfItsOwn() throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            String hashes = "[0, " + (1 + i % 40) + "]";
            text.append("{\"timestamp\": " + 3_000 * (i / 30) + ", \"input_length\": " + 20 * i
                    + ", \"output_length\": " + (1 + i % 50) + ", \"hash_ids\": " + hashes + "}\n");
        }
        Path trace = Files.writeString(folder.resolve("trace.jsonl"), text);

        CommandRun run = CommandRun.of(
                "trace-replay", trace.toString(), "--demo", "--strategy", "round-robin", "--speedup", "100");

        assertThat(run.out())
                .contains("300 complete, 0 not")
                .contains("7,650 received, 7,650 asked for")
                .contains("a 33.3 % (100)   b 33.3 % (100)   c 33.3 % (100)")
                .contains("The gateway has 0 open streams left, and refused 0.");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void conversationsStickToTheirBackEnds() throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            text.append("{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 2, \"hash_ids\": [0, " + i % 20
                    + "]}\n");
        }
        Path trace = Files.writeString(folder.resolve("trace.jsonl"), text);

        CommandRun run = CommandRun.of(
                "trace-replay",
                trace.toString(),
                "--demo",
                "--sticky",
                "conversation",
                "--max-open",
                "1",
                "--speedup",
                "100");

        assertThat(run.out()).contains("40 of 40 follow-up turns (100.0 %)");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void exitsOneWhenAnAnswerDidNotCome() throws IOException {
        Path trace = Files.writeString(folder.resolve("trace.csv"), AZURE);
        try (var backend = new DemoBackend("a", new Pace(10_000, 0.5), 1)) {
            backend.start().join();
            backend.stop().join();

            CommandRun run = CommandRun.of(
                    "trace-replay", trace.toString(), "--url", backend.uri().toString());

            assertThat(run.out()).contains("0 complete, 3 not").contains("3 x connection refused or not made");
            assertThat(run.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void saysWhichLineOfTheTraceIsWrong() throws IOException {
        Path trace = Files.writeString(folder.resolve("trace.csv"), AZURE + "oops\n");

        CommandRun run = CommandRun.of("trace-replay", trace.toString());

        assertThat(run.err().lines())
                .containsExactly(trace + ":5: oops (expected: TIMESTAMP,ContextTokens,GeneratedTokens)");
        assertThat(run.exitCode()).isEqualTo(1);
    }
}
