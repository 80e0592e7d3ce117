package dev.remora.health;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.health.HealthProbe.Timing;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** No length of time is accepted whose nanoseconds cannot be counted when it is needed. */
class DurationsTest {

    // More than 292 years do not fit into a long.
    private static final Duration TOO_LONG = Duration.ofDays(366 * 300);

    @Test
    void timesThatNoClockCanMeasureAreRefusedWhereTheyAreSet() {
        List<ThrowingCallable> settings = List.of(
                () -> SlowStart.over(TOO_LONG),
                () -> HealthPolicy.maxFails(1, TOO_LONG),
                () -> HealthPolicy.outlierDetection().withInterval(TOO_LONG),
                () -> Timing.DEFAULT.every(TOO_LONG),
                () -> Timing.DEFAULT.whenUnsure(TOO_LONG),
                () -> Timing.DEFAULT.whenDown(TOO_LONG),
                () -> new Timing(Duration.ofSeconds(1), TOO_LONG, 1, 1));
        for (ThrowingCallable setting : settings) {
            assertThatThrownBy(setting)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("(expected: > 0, at most 365 days)");
        }
    }
}
