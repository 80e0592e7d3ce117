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
    protected SessionMap map() {
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
    void aTouchKeepsAlive() {
        now(map.bind(key, A));
        time.advance(Duration.ofMinutes(9));
        map.touch(key);
        time.advance(Duration.ofMinutes(9));
        assertThat(map.peek(key)).isPresent();
    }

    @Test
    void aKeyIsForgottenAtItsAgeHoweverOftenItIsLookedFor() {
        SessionMap aging =
                SessionMap.local(Retention.idle(Duration.ofMinutes(10)).withMaxAge(Duration.ofMinutes(25)), time);
        now(aging.bind(key, A));
        for (int i = 0; i < 4; i++) {
            time.advance(Duration.ofMinutes(6));
            assertThat(aging.peek(key)).isPresent();
        }
        time.advance(Duration.ofMinutes(2));
        assertThat(aging.peek(key)).isEmpty();
    }

    @Test
    void aRebindBeginsANewAge() {
        SessionMap aging =
                SessionMap.local(Retention.idle(Duration.ofMinutes(10)).withMaxAge(Duration.ofMinutes(10)), time);
        Binding first = now(aging.bind(key, A)).orElseThrow();
        time.advance(Duration.ofMinutes(8));
        now(aging.rebind(key, first.fence(), B));
        time.advance(Duration.ofMinutes(8));
        assertThat(aging.peek(key)).isPresent();
    }

    @Test
    void longKeysCountForTheirBytes() {
        LocalSessionMap small = (LocalSessionMap)
                SessionMap.local(Retention.idle(Duration.ofMinutes(10)).withMaxBytes(100_000), time);
        int remembered = 0;
        String tail = "x".repeat(100);
        for (int i = 0; i < 10_000; i++) {
            now(small.bind(AffinityKey.of(i + tail), A));
        }
        small.settle();
        for (int i = 0; i < 10_000; i++) {
            remembered += small.peek(AffinityKey.of(i + tail)).isPresent() ? 1 : 0;
        }
        assertThat(remembered).isBetween(1, 100_000 / 456);
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
        Retention retention = Retention.idle(Duration.ofMinutes(1));
        assertThatThrownBy(() -> retention.withMaxAge(Duration.ofSeconds(59)))
                .hasMessage("max age: PT59S (expected: PT1M to 400 days)");
        assertThatThrownBy(() -> retention.withMaxBytes(4_095)).hasMessage("maxBytes: 4095 (expected: >= 4096)");
    }
}
