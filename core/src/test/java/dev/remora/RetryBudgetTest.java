package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FakeTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Retries are a share of the traffic and a floor. */
class RetryBudgetTest {

    private final FakeTime time = new FakeTime();

    private static int spend(RetryTokens tokens) {
        int spent = 0;
        while (tokens.tryWithdraw()) {
            spent++;
        }
        return spent;
    }

    private static void requests(RetryTokens tokens, int count) {
        for (int i = 0; i < count; i++) {
            tokens.deposit();
        }
    }

    @Test
    void theDefaultsAreAFifthAndTenASecond() {
        RetryTokens tokens = new RetryTokens(RetryBudget.defaults(), time);
        assertThat(spend(tokens)).isEqualTo(100);
        requests(tokens, 50);
        assertThat(spend(tokens)).isEqualTo(10);
        time.advance(Duration.ofSeconds(2));
        assertThat(spend(tokens)).isEqualTo(20);
        time.advance(Duration.ofHours(1));
        requests(tokens, 10_000);
        assertThat(spend(tokens)).as("no more is saved").isEqualTo(100);
    }

    @Test
    void aShareAlone() {
        RetryTokens tokens = new RetryTokens(RetryBudget.of(0.5, 0), time);
        assertThat(spend(tokens)).isZero();
        requests(tokens, 9);
        time.advance(Duration.ofHours(1));
        assertThat(spend(tokens)).isEqualTo(4);
    }

    @Test
    void aFloorAlone() {
        RetryTokens tokens = new RetryTokens(RetryBudget.of(0, 3), time);
        assertThat(spend(tokens)).as("ten seconds of it").isEqualTo(30);
        requests(tokens, 1_000);
        assertThat(spend(tokens)).isZero();
        time.advance(Duration.ofSeconds(1));
        assertThat(spend(tokens)).isEqualTo(3);
    }

    @Test
    void nothingAtAll() {
        RetryTokens tokens = new RetryTokens(RetryBudget.of(0, 0), time);
        requests(tokens, 1_000);
        time.advance(Duration.ofHours(1));
        assertThat(spend(tokens)).isZero();
    }

    @Test
    void badNumbersAreNamed() {
        assertThatThrownBy(() -> RetryBudget.of(1.5, 0)).hasMessage("share: 1.5 (expected: 0 to 1)");
        assertThatThrownBy(() -> RetryBudget.of(Double.NaN, 0)).hasMessage("share: NaN (expected: 0 to 1)");
        assertThatThrownBy(() -> RetryBudget.of(0, -1)).hasMessage("perSecond: -1 (expected: 0 to 100000)");
    }
}
