package dev.remora.benchmarks;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatewayProcessTest {

    @Test
    void countsItsStreamsAndEndsThoughOneIsOpen() throws Exception {
        try (EventBackend backend = new EventBackend(new Script(1, Duration.ofMillis(1), false));
                EventClient client = new EventClient()) {
            // Other tests of this JVM have theirs.
            List<ProcessHandle> others = ProcessHandle.current().children().toList();
            EventStream stream;
            try (GatewayProcess gateway = new GatewayProcess(backend.address())) {
                stream = client.open(gateway.address(), (event, arrivedNanos) -> {});
                stream.begun().get(30, SECONDS);
                assertThat(gateway.awaitOpenStreams(1)).isEqualTo(1);
            }
            assertThat(ProcessHandle.current().children())
                    .filteredOn(child -> !others.contains(child))
                    .noneMatch(ProcessHandle::isAlive);
            assertThat(stream.ended())
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(IOException.class);
        }
    }
}
