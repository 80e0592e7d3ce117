package dev.remora.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.Usage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LimitTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> Limit.requests(0, SECOND))
                .hasMessage("limit requests: amount 0 (expected: at least 1, at most one for each nanosecond of PT1S)");
        assertThatThrownBy(() -> Limit.requests(1_000_000_001, SECOND))
                .hasMessageContaining("at most one for each nanosecond");
        assertThatThrownBy(() -> Limit.requests(Long.MAX_VALUE, SECOND))
                .hasMessageContaining("amount 9223372036854775807");
        assertThatThrownBy(() -> Limit.requests(1, Duration.ZERO)).hasMessageContaining("per PT0S");
        assertThatThrownBy(() -> Limit.requests(1, Duration.ofSeconds(Long.MAX_VALUE)))
                .hasMessageContaining("366 days");
        assertThatThrownBy(() -> Limit.requests(1, SECOND).withBurst(0)).hasMessageContaining("burst 0");
        assertThatThrownBy(() -> Limit.requests(1, SECOND).withBurst(Long.MAX_VALUE))
                .hasMessage(
                        "limit requests: burst 9223372036854775807 (expected: 1 to 63244800, which takes two years to fill)");
        assertThatThrownBy(() -> Limit.requests(5, SECOND).withInitial(6)).hasMessageContaining("initial 6");
        assertThatThrownBy(() -> Limit.requests(5, SECOND).withInitial(-1)).hasMessageContaining("initial -1");
        assertThatThrownBy(() -> Limit.requests(5, SECOND).withMaxDebt(-1)).hasMessageContaining("max debt -1");
        assertThatThrownBy(() -> Limit.requests(5, SECOND).named("a\"b"))
                .hasMessage("limit name: \"a\"b\" (expected: 1 to 64 letters, digits, - _ . *)");
        assertThatThrownBy(() -> new Usage(-1, 0, 0)).hasMessageContaining("-1 requests");
        assertThatThrownBy(() -> RateLimiter.local()).hasMessageContaining("at least one");
        assertThatThrownBy(() -> RateLimiter.local(Limit.requests(1, SECOND), Limit.requests(2, SECOND)))
                .hasMessageContaining("each with a name of its own");
    }

    @Test
    void tokensAreThoseOfPromptAndAnswer() {
        Usage usage = Usage.request(30, 12);
        assertThat(Unit.REQUESTS.of(usage)).isOne();
        assertThat(Unit.INPUT_TOKENS.of(usage)).isEqualTo(30);
        assertThat(Unit.OUTPUT_TOKENS.of(usage)).isEqualTo(12);
        assertThat(Unit.TOKENS.of(usage)).isEqualTo(42);
        assertThat(Unit.TOKENS).hasToString("tokens");
        assertThat(Usage.tokens(Long.MAX_VALUE, 1).tokens()).isEqualTo(Long.MAX_VALUE);
    }
}
