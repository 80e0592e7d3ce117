package dev.remora.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthTracker.Verdict;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The meaning of nginx's max_fails and fail_timeout, with 3 failures and 10 seconds. */
class MaxFailsTrackerTest {

    private static final Outcome FAILURE = Outcome.failure(FailureKind.NO_RESPONSE);

    private final HealthTracker tracker = HealthPolicy.maxFails(3, Duration.ofSeconds(10))
            .monitor(new Random(1))
            .tracker();

    // Readings near the point where a monotonic clock wraps around.
    private static long at(double seconds) {
        return Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(15) + (long) (seconds * 1e9);
    }

    private void fail(double seconds) {
        tracker.admitted(at(seconds));
        tracker.ended(FAILURE, Verdict.NONE, at(seconds));
    }

    @Test
    void fewerFailuresThanAllowedChangeNothing() {
        fail(0);
        fail(1);
        assertThat(tracker.fit(at(1))).isTrue();
        assertThat(tracker.spotless()).isFalse();
    }

    @Test
    void tooManyFailuresMakeItUnfitForTheTimeout() {
        fail(0);
        fail(1);
        fail(2);
        assertThat(tracker.fit(at(2))).isFalse();
        assertThat(tracker.fit(at(12))).isFalse();
        assertThat(tracker.fit(at(12.1))).isTrue();
    }

    @Test
    void oneRequestTriesItAgainPerTimeout() {
        fail(0);
        fail(0);
        fail(0);
        assertThat(tracker.fit(at(11))).isTrue();
        tracker.admitted(at(11));
        assertThat(tracker.fit(at(11))).as("while the trial is under way").isFalse();
        tracker.ended(FAILURE, Verdict.NONE, at(12));
        assertThat(tracker.fit(at(21))).isFalse();
        assertThat(tracker.fit(at(22.1))).isTrue();
    }

    @Test
    void aSuccessfulTrialClearsTheFailures() {
        fail(0);
        fail(0);
        fail(0);
        tracker.admitted(at(11));
        tracker.responded(200, false, at(11.5));
        assertThat(tracker.spotless()).isTrue();
        assertThat(tracker.fit(at(11.5))).isTrue();
    }

    @Test
    void aStreamFromBeforeTheFailuresDoesNotClearThem() {
        tracker.admitted(at(0));
        fail(1);
        fail(1);
        fail(1);
        tracker.ended(Outcome.success(), Verdict.GOOD, at(2));
        assertThat(tracker.fit(at(2))).isFalse();
    }

    @Test
    void probesThatRiseClearTheFailures() {
        fail(0);
        fail(0);
        fail(0);
        tracker.risen();
        assertThat(tracker.fit(at(1))).isTrue();
        assertThat(tracker.spotless()).isTrue();
    }

    @Test
    void aCancelledTrialLeavesTheVerdictOpen() {
        fail(0);
        fail(0);
        fail(0);
        tracker.admitted(at(11));
        tracker.ended(Outcome.cancelled(), Verdict.NONE, at(11.5));
        assertThat(tracker.fit(at(12))).isFalse();
        assertThat(tracker.fit(at(21.1))).isTrue();
    }

    @Test
    void anAnswerThatBreaksOffIsTheTroubleOfOneStream() {
        for (int i = 0; i < 10; i++) {
            tracker.ended(Outcome.failure(FailureKind.TRUNCATED), Verdict.GOOD, at(0));
            tracker.ended(Outcome.failure(FailureKind.STREAM_IDLE), Verdict.GOOD, at(0));
        }
        assertThat(tracker.spotless()).isTrue();
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> HealthPolicy.maxFails(0, Duration.ofSeconds(1)))
                .hasMessage("maxFails: 0 (expected: >= 1)");
        assertThatThrownBy(() -> HealthPolicy.maxFails(1, Duration.ZERO))
                .hasMessage("failTimeout: PT0S (expected: > 0, at most 365 days)");
    }
}
