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
