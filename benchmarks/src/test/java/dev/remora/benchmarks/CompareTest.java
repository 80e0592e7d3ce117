package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareTest {

    @TempDir
    private Path directory;

    @Test
    void aContenderThatDoesNotExistIsRefused() {
        ProgramRun run = ProgramRun.of(Compare::new, "--only", "NGINX", "--out", directory.toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("NGINX");
        assertThat(directory.resolve("pickers.md")).doesNotExist();
    }
}
