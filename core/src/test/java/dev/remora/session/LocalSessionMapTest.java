package dev.remora.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.affinity.AffinityKey;
import dev.remora.exchange.FakeTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LocalSessionMapTest extends SessionMapContract {

    private final FakeTime time = new FakeTime();
    private final SessionMap map = SessionMap.local(1_000, Duration.ofMinutes(10), time);

    @Override
    SessionMap map() {
        return map;
    }

    @Test
    void aKeyThatNobodyLooksForIsForgotten() {
        now(map.bind(key, A));
        time.advance(Duration.ofMinutes(9));
        assertThat(map.peek(key)).isPresent();
        time.advance(Duration.ofMinutes(9));
        assertThat(map.peek(key)).as("looking kept it alive").isPresent();
        time.advance(Duration.ofMinutes(11));
        assertThat(map.peek(key)).isEmpty();
    }

    @Test
    void aFloodOfKeysStaysWithinTheBound() {
        for (int i = 0; i < 100_000; i++) {
            now(map.bind(AffinityKey.of("flood-" + i), A));
        }
        ((LocalSessionMap) map).settle();
        int remembered = 0;
        for (int i = 0; i < 100_000; i++) {
            remembered += map.peek(AffinityKey.of("flood-" + i)).isPresent() ? 1 : 0;
        }
        assertThat(remembered).isLessThanOrEqualTo(1_000);
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> SessionMap.local(0, Duration.ofMinutes(1)))
                .hasMessage("maxEntries: 0 (expected: >= 1)");
        assertThatThrownBy(() -> SessionMap.local(1, Duration.ZERO)).hasMessage("idle: PT0S (expected: > 0)");
    }
}
