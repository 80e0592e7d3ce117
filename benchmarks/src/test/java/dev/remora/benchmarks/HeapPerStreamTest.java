package dev.remora.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapPerStreamTest {

    @Test
    void printsEachKindOfMemoryAndLeavesNoStreamAndNoProcess() throws InterruptedException {
        ProgramRun run = ProgramRun.of(HeapPerStream::new, "--streams", "5");
        assertThat(run.err()).isEmpty();
        assertThat(run.rowNames())
                .containsExactly(
                        "memory of the gateway",
                        "heap, live objects",
                        "direct buffers",
                        "direct memory in Netty's allocator",
                        "resident set of the process");
        assertThat(run.out()).contains("5 event streams", "Streams still open in the gateway at the end: 0.");
        assertThat(run.exitCode()).isZero();
        assertThat(ProgramRun.processesThatStay()).isEmpty();
        assertThat(ProgramRun.eventLoopsThatStay()).isEmpty();
    }
}
