package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisOutageTest {

    @TempDir
    private Path directory;

    @Test
    void reportsEveryPhaseAndLeavesNoProcess() throws IOException {
        ProgramRun run =
                ProgramRun.of(RedisOutage::new, "--seconds", "1", "--rebinds", "20", "--out", directory.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("one server, continued: ", "20 changes, followed to the other gateways");
        String report = Files.readString(directory.resolve("shared-sessions.md"));
        assertThat(new ProgramRun(0, report, "").rowNames())
                .containsExactly(
                        "phase",
                        "one server, calm",
                        "one server, killed (-9)",
                        "one server, back, and empty",
                        "one server, stopped (SIGSTOP)",
                        "one server, continued",
                        "one server, connections killed",
                        "cluster, calm",
                        "cluster, a master killed (-9)",
                        "from the call, in microseconds",
                        "Redis has answered",
                        "none of the three others tells the old back end",
                        "idle time",
                        "30 min",
                        "8 s");
        assertThat(report)
                .contains("RedisOutage --seconds 1 --rebinds 20 --redis-version 7.0\n", "they disagreed on 0.")
                .doesNotContain("they disagreed on 1");
        assertThat(run.exitCode()).as(report).isZero();
        assertThat(ProgramRun.processesThatStay()).isEmpty();
    }

    @Test
    void aRedisThatIsNotAtHandIsRefused() {
        ProgramRun run = ProgramRun.of(RedisOutage::new, "--redis-version", "5.0", "--out", directory.toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("5.0 (expected: 7.0 or 6.2)");
        assertThat(directory.resolve("shared-sessions.md")).doesNotExist();
    }
}
