package dev.remora.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {

    @TempDir
    private Path directory;

    @Test
    void whatWasRecordedIsThereWhenTheRunGoesOn() {
        Ledger.begin(file(), "short").record("a b", 1.5, Double.NaN);
        Ledger resumed = Ledger.resume(file(), "short");
        resumed.record("c", 2);
        assertThat(Ledger.resume(file(), "short").find("a b")).contains(new double[] {1.5, Double.NaN});
        assertThat(Ledger.resume(file(), "short").find("c")).contains(new double[] {2});
    }

    @Test
    void anotherKindOfRunBeginsAnew() {
        Ledger.begin(file(), "short").record("a", 1);
        assertThat(Ledger.resume(file(), "full").find("a")).isEmpty();
    }

    @Test
    void withoutAFileThereIsNothingToGoOnWith() {
        assertThat(Ledger.resume(file(), "full").find("a")).isEmpty();
    }

    private Path file() {
        return directory.resolve("pickers.tsv");
    }
}
