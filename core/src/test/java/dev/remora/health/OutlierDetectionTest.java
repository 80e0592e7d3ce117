package dev.remora.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthTracker.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutlierDetectionTest {

    private static final OutlierDetection PLAIN =
            HealthPolicy.outlierDetection().withEjectionJitter(0);

    private final List<HealthTracker> pool = new ArrayList<>();
    private HealthMonitor monitor = PLAIN.monitor(new Random(1));

    // Readings near the point where a monotonic clock wraps around.
    private static long at(double seconds) {
        return Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(15) + (long) (seconds * 1e9);
    }

    private HealthTracker pool(OutlierDetection rules, int members) {
        return pool(rules, members, new Random(1));
    }

    private HealthTracker pool(OutlierDetection rules, int members, RandomGenerator random) {
        monitor = rules.monitor(random);
        pool.clear();
        for (int i = 0; i < members; i++) {
            pool.add(monitor.tracker());
        }
        monitor.members(List.copyOf(pool));
        return pool.get(0);
    }

    private static void answers(HealthTracker tracker, int status, double seconds) {
        tracker.responded(status, status >= 500, at(seconds));
        tracker.ended(Outcome.success(), status >= 500 ? Verdict.BAD : Verdict.GOOD, at(seconds));
    }

    private static void fails(HealthTracker tracker, FailureKind kind, Verdict before, double seconds) {
        tracker.ended(Outcome.failure(kind), before, at(seconds));
    }

    private void evaluateUntil(double from, double to) {
        for (double second = from; second <= to; second += 0.5) {
            monitor.evaluate(at(second));
        }
    }

    @Test
    void errorsInARowEject() {
        HealthTracker tracker = pool(PLAIN, 2);
        for (int i = 0; i < 4; i++) {
            answers(tracker, 500, 0);
        }
        assertThat(tracker.fit(at(0))).isTrue();
        assertThat(tracker.spotless()).isTrue();
        answers(tracker, 500, 0);
        assertThat(tracker.fit(at(0))).isFalse();
        assertThat(tracker.spotless()).isFalse();
    }

    @Test
    void theFirstErrorEjectsIfTheUserSaysSo() {
        HealthTracker tracker = pool(PLAIN.withConsecutiveErrors(1), 2);
        answers(tracker, 500, 0);
        assertThat(tracker.fit(at(0))).isFalse();
    }

    @Test
    void aGoodAnswerBetweenThemEndsTheRun() {
        HealthTracker tracker = pool(PLAIN.withFailureShare(0, 1), 2);
        for (int i = 0; i < 100; i++) {
            answers(tracker, i % 3 == 2 ? 404 : 503, 0);
        }
        assertThat(tracker.fit(at(0))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 503, 504})
    void gatewayErrorsInARowEjectSooner(int status) {
        HealthTracker tracker = pool(PLAIN.withConsecutiveErrors(0), 2);
        answers(tracker, status, 0);
        answers(tracker, status, 0);
        answers(tracker, 500, 0);
        answers(tracker, status, 0);
        answers(tracker, status, 0);
        assertThat(tracker.fit(at(0))).as("another error ends the run").isTrue();
        answers(tracker, status, 0);
        assertThat(tracker.fit(at(0))).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"CONNECT", "NO_RESPONSE"})
    void noResponseIsAGatewayError(FailureKind kind) {
        HealthTracker tracker = pool(PLAIN, 2);
        fails(tracker, kind, Verdict.NONE, 0);
        fails(tracker, kind, Verdict.NONE, 0);
        assertThat(tracker.fit(at(0))).isTrue();
        fails(tracker, kind, Verdict.NONE, 0);
        assertThat(tracker.fit(at(0))).isFalse();
    }

    @Test
    void firstByteTimeoutsInARowEjectSoonest() {
        HealthTracker tracker = pool(PLAIN, 2);
        fails(tracker, FailureKind.FIRST_BYTE_TIMEOUT, Verdict.NONE, 0);
        assertThat(tracker.fit(at(0))).isTrue();
        fails(tracker, FailureKind.FIRST_BYTE_TIMEOUT, Verdict.NONE, 0);
        assertThat(tracker.fit(at(0))).isFalse();
    }

    @Test
    void answersThatBreakOffCountThoughTheirHeadsWereGood() {
        HealthTracker tracker = pool(PLAIN, 2);
        for (int i = 0; i < 4; i++) {
            tracker.responded(200, false, at(0));
            fails(tracker, FailureKind.TRUNCATED, Verdict.GOOD, 0);
        }
        tracker.responded(200, false, at(0));
        assertThat(tracker.fit(at(0))).as("while the fifth is open").isTrue();
        fails(tracker, FailureKind.TRUNCATED, Verdict.GOOD, 0);
        assertThat(tracker.fit(at(0))).isFalse();
    }

    @Test
    void aStreamThatEndsWellEndsTheRunOfAborts() {
        HealthTracker tracker = pool(PLAIN, 2);
        for (int i = 0; i < 50; i++) {
            fails(tracker, FailureKind.TRUNCATED, Verdict.GOOD, 0);
            if (i % 4 == 3) {
                answers(tracker, 200, 0);
            }
        }
        assertThat(tracker.fit(at(0))).isTrue();
    }

    @Test
    void theVerdictOnAStreamDoesNotWaitForItsEnd() {
        HealthTracker tracker = pool(PLAIN, 2);
        for (int i = 0; i < 5; i++) {
            tracker.responded(500, true, at(0));
        }
        assertThat(tracker.fit(at(0))).as("though all five are open").isFalse();
    }

    @Test
    void aStreamIsOneFailureAtMost() {
        HealthTracker tracker = pool(PLAIN, 2);
        for (int i = 0; i < 4; i++) {
            tracker.responded(500, true, at(0));
            fails(tracker, FailureKind.TRUNCATED, Verdict.BAD, 0);
            tracker.stalled(at(0));
            fails(tracker, FailureKind.STREAM_IDLE, Verdict.BAD, 0);
            tracker.recovered();
        }
        assertThat(tracker.fit(at(0))).isTrue();
    }

    @Test
    void stallsInARowEjectUnlessOneGoesOn() {
        HealthTracker tracker = pool(PLAIN, 2);
        tracker.stalled(at(0));
        tracker.stalled(at(0));
        tracker.recovered();
        tracker.stalled(at(0));
        tracker.stalled(at(0));
        assertThat(tracker.fit(at(0))).isTrue();
        tracker.stalled(at(0));
        assertThat(tracker.fit(at(0))).isFalse();
    }

    @Test
    void aClientThatLeavesCountsNeitherWay() {
        HealthTracker tracker = pool(PLAIN, 2);
        for (int i = 0; i < 4; i++) {
            answers(tracker, 500, 0);
        }
        for (int i = 0; i < 1_000; i++) {
            tracker.ended(Outcome.cancelled(), Verdict.NONE, at(0));
            tracker.ended(Outcome.cancelled(), Verdict.GOOD, at(0));
        }
        assertThat(tracker.fit(at(0))).isTrue();
        answers(tracker, 500, 0);
        assertThat(tracker.fit(at(0))).as("nor do they end the run").isFalse();
    }

    @Test
    void eachSignCanBeSwitchedOff() {
        HealthTracker tracker = pool(
                PLAIN.withConsecutiveErrors(0)
                        .withConsecutiveGatewayErrors(0)
                        .withConsecutiveFirstByteTimeouts(0)
                        .withConsecutiveAborts(0)
                        .withConsecutiveStalls(0)
                        .withSuccessRate(0, 2, 1)
                        .withFailureShare(0, 1),
                2);
        monitor.evaluate(at(0));
        for (int i = 0; i < 2_000; i++) {
            answers(tracker, 503, 1);
            fails(tracker, FailureKind.FIRST_BYTE_TIMEOUT, Verdict.NONE, 1);
            fails(tracker, FailureKind.TRUNCATED, Verdict.GOOD, 1);
            tracker.stalled(at(1));
        }
        evaluateUntil(2, 30);
        assertThat(tracker.spotless()).isTrue();
        assertThat(monitor.stalls()).isEmpty();
    }

    @Test
    void aStatusIsAFailureIfTheUserSaysSo() {
        OutlierDetection rules = PLAIN.withFailures(status -> status == 471);
        assertThat(rules.isFailure(471)).isTrue();
        assertThat(rules.isFailure(500)).isFalse();
        assertThat(PLAIN.isFailure(471)).isFalse();
        assertThat(PLAIN.isFailure(500)).isTrue();
    }

    @Test
    void anEjectionEndsWithTheEvaluationAfterItsTime() {
        HealthTracker tracker = pool(PLAIN, 2);
        ejectNow(tracker, 0);
        monitor.evaluate(at(29.9));
        assertThat(tracker.fit(at(29.9))).isFalse();
        assertThat(tracker.fit(at(30.5))).as("who listens must learn of it").isFalse();
        monitor.evaluate(at(30.5));
        assertThat(tracker.fit(at(30.5))).isTrue();
        assertThat(tracker.spotless()).isTrue();
    }

    @Test
    void anEjectionEndsWithoutAnyEvaluationToo() {
        HealthTracker tracker = pool(PLAIN, 2);
        ejectNow(tracker, 0);
        assertThat(tracker.fit(at(31))).isFalse();
        assertThat(tracker.fit(at(32.1))).isTrue();
    }

    @Test
    void ejectionsLastTwiceAsLongEachTimeUpToTheLongest() {
        HealthTracker tracker = pool(PLAIN, 2);
        double now = 0;
        for (double lasts : new double[] {30, 60, 120, 240, 300, 300}) {
            ejectNow(tracker, now);
            monitor.evaluate(at(now + lasts - 0.1));
            assertThat(tracker.fit(at(now + lasts - 0.1))).isFalse();
            monitor.evaluate(at(now + lasts + 0.1));
            assertThat(tracker.fit(at(now + lasts + 0.1))).as("after " + lasts).isTrue();
            now += lasts + 0.1;
        }
    }

    @Test
    void timeWithoutAnEjectionIsForgivenStepByStep() {
        HealthTracker tracker = pool(PLAIN, 2);
        ejectNow(tracker, 0);
        monitor.evaluate(at(30));
        ejectNow(tracker, 31);
        monitor.evaluate(at(91));
        evaluateUntil(91.5, 121);
        ejectNow(tracker, 122);
        monitor.evaluate(at(122 + 59));
        assertThat(tracker.fit(at(122 + 59)))
                .as("one of two ejections is forgotten")
                .isFalse();
        monitor.evaluate(at(122 + 60));
        assertThat(tracker.fit(at(122 + 60))).isTrue();
        evaluateUntil(183, 183 + 61);
        ejectNow(tracker, 245);
        monitor.evaluate(at(275));
        assertThat(tracker.fit(at(275))).as("all are forgotten").isTrue();
    }

    @Test
    void flappingIsAnsweredWithEverLongerEjections() {
        HealthTracker tracker = pool(PLAIN, 2);
        double out = 0;
        for (int step = 0; step < 600 * 10; step++) {
            double now = step / 10.0;
            if (step % 10 == 0) {
                monitor.evaluate(at(now));
            }
            if (tracker.fit(at(now))) {
                // It works for 100 ms and is broken for 100 ms.
                answers(tracker, step % 2 == 0 ? 200 : 503, now);
                answers(tracker, step % 2 == 0 ? 200 : 503, now);
                answers(tracker, step % 2 == 0 ? 200 : 503, now);
            } else {
                out += 0.1;
            }
        }
        assertThat(out).as("seconds of 600").isGreaterThan(590);
    }

    @Test
    void jitterOnlyLengthensAndByItsShareAtMost() {
        for (double chance : new double[] {0, 0.25, 0.5, 0.999_999}) {
            HealthTracker tracker = pool(PLAIN.withEjectionJitter(0.2), 2, new Constant(chance));
            ejectNow(tracker, 0);
            double end = 30 * (1 + 0.2 * chance);
            monitor.evaluate(at(end - 0.01));
            assertThat(tracker.fit(at(0))).isFalse();
            monitor.evaluate(at(end + 0.01));
            assertThat(tracker.fit(at(0))).as("after " + end).isTrue();
        }
    }

    @Test
    void oneMemberAloneIsNeverEjected() {
        HealthTracker tracker = pool(PLAIN, 1);
        ejectNow(tracker, 0);
        assertThat(tracker.fit(at(0))).isTrue();
    }

    @Test
    void theShareIsCountedAfterTheEjection() {
        pool(PLAIN.withLargestEjectedShare(0.3), 10);
        pool.forEach(tracker -> ejectNow(tracker, 0));
        assertThat(pool.stream().filter(tracker -> !tracker.fit(at(0)))).hasSize(3);
        pool(PLAIN.withLargestEjectedShare(0.3), 3);
        pool.forEach(tracker -> ejectNow(tracker, 0));
        assertThat(pool).allMatch(tracker -> tracker.fit(at(0)));
        pool(PLAIN.withLargestEjectedShare(1), 3);
        pool.forEach(tracker -> ejectNow(tracker, 0));
        assertThat(pool).noneMatch(tracker -> tracker.fit(at(0)));
    }

    @Test
    void whenMembersLeaveThoseWhoseTimeEndsSoonestReturn() {
        pool(PLAIN, 6);
        for (int i = 0; i < 3; i++) {
            ejectNow(pool.get(i), i);
        }
        monitor.members(List.copyOf(pool.subList(0, 4)));
        assertThat(pool.get(0).fit(at(3))).isTrue();
        assertThat(pool.get(1).fit(at(3))).isFalse();
        assertThat(pool.get(2).fit(at(3))).isFalse();
    }

    @Test
    void whoIsNoMemberAnyMoreIsNotEjected() {
        HealthTracker gone = pool(PLAIN, 4);
        monitor.members(List.copyOf(pool.subList(1, 4)));
        ejectNow(gone, 0);
        assertThat(gone.fit(at(0))).isTrue();
    }

    @Test
    void aSuccessRateFarBelowTheOthersEjects() {
        pool(PLAIN, 6);
        monitor.evaluate(at(0));
        for (int i = 0; i < 600; i++) {
            HealthTracker tracker = pool.get(i % 6);
            boolean bad = tracker == pool.get(4) && i % 12 < 6;
            answers(tracker, bad ? 500 : 200, 1);
        }
        monitor.evaluate(at(9));
        assertThat(pool).as("it is not time yet").allMatch(HealthTracker::spotless);
        monitor.evaluate(at(10));
        assertThat(pool).filteredOn(tracker -> !tracker.spotless()).containsExactly(pool.get(4));
    }

    @Test
    void aSuccessRateNearTheOthersIsNoOutlier() {
        pool(PLAIN, 6);
        monitor.evaluate(at(0));
        for (int i = 0; i < 1_200; i++) {
            answers(pool.get(i % 6), i < 60 && i % 6 == 0 ? 500 : 200, 1);
            answers(pool.get(i % 6), 200, 1);
        }
        monitor.evaluate(at(10));
        assertThat(pool).as("19 in 20, while all others are without fault").allMatch(HealthTracker::spotless);
    }

    @Test
    void poolsThatFailAlikeHaveNoOutlier() {
        pool(PLAIN, 5);
        monitor.evaluate(at(0));
        for (int i = 0; i < 5_000; i++) {
            answers(pool.get(i % 5), i % 15 < 5 ? 500 : 200, 1);
        }
        monitor.evaluate(at(10));
        assertThat(pool).allMatch(HealthTracker::spotless);
    }

    @Test
    void fewStreamsOrFewBackEndsAreNotCompared() {
        for (int members = 4; members <= 5; members++) {
            pool(PLAIN, members);
            monitor.evaluate(at(0));
            int streams = members == 5 ? 99 : 200;
            for (int i = 0; i < streams; i++) {
                for (HealthTracker tracker : pool) {
                    answers(tracker, tracker == pool.get(0) && i % 2 == 0 ? 500 : 200, 1);
                }
            }
            monitor.evaluate(at(10));
            assertThat(pool).allMatch(HealthTracker::spotless);
        }
    }

    @Test
    void aLargeShareOfFailuresEjects() {
        OutlierDetection rules = PLAIN.withConsecutiveErrors(0).withConsecutiveAborts(0);
        HealthTracker tracker = pool(rules, 2);
        monitor.evaluate(at(0));
        for (int i = 0; i < 20; i++) {
            answers(tracker, i % 10 == 0 ? 200 : 500, 1);
        }
        monitor.evaluate(at(10));
        assertThat(tracker.spotless()).isFalse();
        assertThat(pool.get(1).spotless()).isTrue();
    }

    @Test
    void goodHeadsDoNotHideThatEveryAnswerBreaksOff() {
        HealthTracker tracker = pool(PLAIN.withConsecutiveAborts(0), 2);
        monitor.evaluate(at(0));
        for (int i = 0; i < 20; i++) {
            tracker.responded(200, false, at(1));
            fails(tracker, FailureKind.TRUNCATED, Verdict.GOOD, 2);
        }
        monitor.evaluate(at(10));
        assertThat(tracker.spotless()).isFalse();
    }

    @Test
    void eachWindowIsJudgedForItself() {
        OutlierDetection rules = PLAIN.withConsecutiveErrors(0);
        HealthTracker tracker = pool(rules, 2);
        for (int window = 0; window < 20; window++) {
            monitor.evaluate(at(window * 10));
            for (int i = 0; i < 19; i++) {
                answers(tracker, 500, window * 10 + 1);
            }
        }
        monitor.evaluate(at(200));
        assertThat(tracker.spotless()).isTrue();
    }

    @Test
    void probesThatRiseEndTheEjection() {
        HealthTracker tracker = pool(PLAIN, 2);
        ejectNow(tracker, 0);
        tracker.risen();
        assertThat(tracker.spotless()).isTrue();
    }

    @Test
    void theTimeOutIsNoCalmTimeForOneThatReturns() {
        HealthTracker tracker = pool(PLAIN.withConsecutiveErrors(1), 2);
        // Out for 30, 60 and 120 s: three that are not forgotten.
        double second = 0;
        for (double length : new double[] {30, 60}) {
            ejectNow(tracker, second);
            evaluateUntil(second, second + length + 1);
            second += length + 1;
        }
        ejectNow(tracker, second);
        evaluateUntil(second, second + 100);
        tracker.risen();
        evaluateUntil(second + 100.5, second + 101);
        ejectNow(tracker, second + 101);
        evaluateUntil(second + 101, second + 101 + 239);
        assertThat(tracker.fit(at(second + 101 + 239)))
                .as("the fourth lasts 240 s")
                .isFalse();
    }

    @Test
    void whatOldStreamsDoDuringTheEjectionIsNoNews() {
        HealthTracker tracker = pool(PLAIN, 2);
        ejectNow(tracker, 0);
        for (int i = 0; i < 200; i++) {
            fails(tracker, FailureKind.TRUNCATED, Verdict.GOOD, 5);
        }
        monitor.evaluate(at(30));
        monitor.evaluate(at(40));
        assertThat(tracker.spotless()).isTrue();
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> PLAIN.withConsecutiveErrors(-1))
                .hasMessage("consecutive errors: -1 (expected: 0 to 1000)");
        assertThatThrownBy(() -> PLAIN.withConsecutiveStalls(1_001))
                .hasMessage("consecutive stalls: 1001 (expected: 0 to 1000)");
        assertThatThrownBy(() -> PLAIN.withEjection(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessage("ejection: PT0S (expected: > 0)");
        assertThatThrownBy(() -> PLAIN.withEjection(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageStartingWith("longest ejection: PT1S (expected: PT2S to");
        assertThatThrownBy(() -> PLAIN.withLargestEjectedShare(1.5))
                .hasMessage("largest ejected share: 1.5 (expected: 0 to 1)");
        assertThatThrownBy(() -> PLAIN.withEjectionJitter(Double.NaN))
                .hasMessage("ejection jitter: NaN (expected: 0 to 1)");
        assertThatThrownBy(() -> PLAIN.withSuccessRate(1.9, 1, 1))
                .hasMessage("success rate back ends: 1 (expected: >= 2)");
        assertThatThrownBy(() -> PLAIN.withSuccessRate(-1, 2, 1))
                .hasMessage("success rate deviations: -1.0 (expected: 0 to 100)");
        assertThatThrownBy(() -> PLAIN.withFailureShare(0.5, 0))
                .hasMessage("failure share streams: 0 (expected: >= 1)");
        assertThatThrownBy(() -> PLAIN.withInterval(Duration.ZERO))
                .hasMessage("outlier interval: PT0S (expected: > 0, at most 365 days)");
        assertThatThrownBy(() -> PLAIN.withStallAfter(0.5, Duration.ofSeconds(1)))
                .hasMessage("stall gaps: 0.5 (expected: 1 to 1000000)");
        assertThatThrownBy(() -> PLAIN.withStallAfter(2, Duration.ZERO))
                .hasMessageStartingWith("stall floor: PT0S (expected: > 0");
    }

    private static void ejectNow(HealthTracker tracker, double seconds) {
        for (int i = 0; i < 5; i++) {
            answers(tracker, 500, seconds);
        }
    }

    /** Draws the same number each time. */
    private record Constant(double chance) implements RandomGenerator {
        @Override
        public long nextLong() {
            throw new UnsupportedOperationException("not needed");
        }

        @Override
        public double nextDouble() {
            return chance;
        }
    }
}
