package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AddedDelayTest {

    @Test
    void printsBothWaysAndTheirDifferenceAndLeavesNothingOpen() throws InterruptedException {
        ProgramRun run =
                ProgramRun.of(AddedDelay::new, "--streams", "3", "--events", "4", "--gap", "1", "--rounds", "2");
        assertThat(run.err()).isEmpty();
        assertThat(run.rowNames())
                .containsExactly(
                        "delay of an event, in microseconds",
                        "direct",
                        "through the gateway",
                        "added by the gateway",
                        "round, in microseconds",
                        "1",
                        "2");
        assertThat(run.out()).contains("Events each way: 24.", "Streams still open in the gateway at the end: 0.");
        assertThat(run.exitCode()).isZero();
        assertThat(ProgramRun.eventLoopsThatStay()).isEmpty();
    }

    @Test
    void aNumberThatCountsNothingEndsItWithTheRule() {
        ProgramRun run = ProgramRun.of(AddedDelay::new, "--streams", "0");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("'--streams': 0 (expected: 1 to 1000000)");
        assertThat(run.out()).isEmpty();
    }
}
