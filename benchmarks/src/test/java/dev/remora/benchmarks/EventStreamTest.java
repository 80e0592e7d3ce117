package dev.remora.benchmarks;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    @Test
    void everyEventArrivesAfterItWasSent() throws Exception {
        List<Long> delays = new ArrayList<>();
        try (EventBackend backend = new EventBackend(new Script(5, Duration.ofMillis(1), true));
                EventClient client = new EventClient()) {
            EventStream stream = client.open(
                    backend.address(), (event, arrivedNanos) -> delays.add(arrivedNanos - event.sentNanos()));
            assertThat(stream.ended().get(30, SECONDS)).isEqualTo(5);
        }
        assertThat(delays).hasSize(5).allMatch(delay -> delay > 0);
    }

    @Test
    void aStreamThatIsCutFails() throws Exception {
        try (EventClient client = new EventClient()) {
            EventStream stream;
            try (EventBackend backend = new EventBackend(new Script(1, Duration.ofMillis(1), false))) {
                stream = client.open(backend.address(), (event, arrivedNanos) -> {});
                stream.begun().get(30, SECONDS);
            }
            assertThatThrownBy(() -> stream.ended().get(30, SECONDS)).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void aBackendThatIsNotThereFailsTheStream() throws Exception {
        InetSocketAddress nowhere;
        try (EventBackend backend = new EventBackend(new Script(1, Duration.ofMillis(1), true))) {
            nowhere = backend.address();
        }
        try (EventClient client = new EventClient()) {
            EventStream stream = client.open(nowhere, (event, arrivedNanos) -> {});
            assertThatThrownBy(() -> stream.begun().get(30, SECONDS)).hasCauseInstanceOf(IOException.class);
        }
    }
}
