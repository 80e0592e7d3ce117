package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.exchange.FakeTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ResponsivenessTest {

    private static final double E = Math.E;

    private final FakeTime time = new FakeTime();
    private final Responsiveness responsiveness = new Responsiveness();

    private void answered(double millis) {
        responsiveness.answered((long) (millis * 1e6), time.nanos());
    }

    private void failed() {
        responsiveness.failed(time.nanos());
    }

    private double millis() {
        return responsiveness.firstByteNanos(time.nanos()) / 1e6;
    }

    private double penalty() {
        return responsiveness.errorPenalty(time.nanos());
    }

    @Test
    void nothingIsKnownBeforeTheFirstResponse() {
        assertThat(responsiveness.firstByteNanos(time.nanos())).isZero();
        assertThat(responsiveness.lastFirstByteNanos()).isZero();
        assertThat(penalty()).isEqualTo(1);
        failed();
        assertThat(responsiveness.firstByteNanos(time.nanos())).isZero();
    }

    @Test
    void aSlowerResponseCountsAtOnce() {
        answered(100);
        answered(700);
        assertThat(millis()).isCloseTo(700, within(0.1));
    }

    @Test
    void fasterResponsesPullTheAverageDownWithTime() {
        answered(1_000);
        time.advance(Duration.ofSeconds(10));
        answered(100);
        assertThat(millis()).isCloseTo(100 + 900 / E, within(0.1));
        for (int i = 0; i < 1_000; i++) {
            time.advance(Duration.ofMillis(100));
            answered(100);
        }
        assertThat(millis()).isCloseTo(100, within(0.1));
    }

    @Test
    void silenceLetsTheAverageFadeButNotToNothing() {
        answered(100);
        time.advance(Duration.ofSeconds(10));
        assertThat(millis()).isCloseTo(100 / E, within(0.1));
        time.advance(Duration.ofHours(1));
        assertThat(responsiveness.firstByteNanos(time.nanos())).isEqualTo(1);
        assertThat(responsiveness.lastFirstByteNanos()).isEqualTo(100_000_000);
    }

    @Test
    void noWaitAtAllIsAWaitToo() {
        answered(0);
        assertThat(responsiveness.firstByteNanos(time.nanos())).isEqualTo(1);
    }

    @Test
    void nothingJumpsWhenTheClockWrapsAround() {
        time.advance(Duration.ofSeconds(29));
        answered(100);
        failed();
        assertThat(time.nanos()).isPositive();
        time.advance(Duration.ofSeconds(2));
        assertThat(time.nanos()).isNegative();
        assertThat(millis()).isCloseTo(100 * Math.exp(-0.2), within(0.1));
        assertThat(penalty()).isCloseTo(Math.pow(2, 1 - 2 / 7.0), within(0.01));
    }

    @Test
    void aSilenceOfWeeksIsLongAndNotShort() {
        answered(100);
        failed();
        time.advance(Duration.ofDays(40));
        assertThat(responsiveness.firstByteNanos(time.nanos())).isEqualTo(1);
        assertThat(penalty()).isEqualTo(1);
    }

    @Test
    void whoReadTheClockFirstAndWritesLastDoesNotTurnItBack() {
        long early = time.nanos();
        time.advance(Duration.ofSeconds(5));
        answered(100);
        failed();
        responsiveness.answered(50_000_000, early);
        responsiveness.failed(early);
        assertThat(millis()).isCloseTo(100, within(0.1));
        assertThat(penalty()).isCloseTo(Math.pow(2, 1.9), within(0.01));
    }

    @Test
    void eachErrorDoublesThePenaltyAndTenGoodResponsesHalveIt() {
        for (int i = 1; i <= 5; i++) {
            failed();
            assertThat(penalty()).isCloseTo(1 << i, within(0.01));
        }
        for (int i = 0; i < 10; i++) {
            answered(1);
        }
        assertThat(penalty()).isCloseTo(16, within(0.01));
        for (int i = 0; i < 100; i++) {
            answered(1);
        }
        assertThat(penalty()).isEqualTo(1);
    }

    @Test
    void timeTakesErrorsBack() {
        for (int i = 0; i < 1_000; i++) {
            failed();
        }
        assertThat(penalty()).as("the highest one").isEqualTo(1 << 30);
        time.advance(Duration.ofSeconds(70));
        assertThat(penalty()).isCloseTo(1 << 20, within(1_000.0));
        time.advance(Duration.ofSeconds(141));
        assertThat(penalty()).isEqualTo(1);
    }

    @Test
    void whatIsKnownOfTheSpeedDoesNotFadeWhileErrorsCome() {
        answered(100);
        for (int i = 0; i < 60; i++) {
            time.advance(Duration.ofSeconds(1));
            failed();
        }
        assertThat(millis()).isCloseTo(100, within(0.1));
    }

    @Test
    void aLongWaitInVainIsASlowResponseAndAShortOneIsNothing() {
        responsiveness.waitedInVain(50_000_000, time.nanos());
        assertThat(responsiveness.firstByteNanos(time.nanos())).isZero();
        responsiveness.waitedInVain(30_000_000_000L, time.nanos());
        assertThat(millis()).isCloseTo(30_000, within(0.1));
        responsiveness.waitedInVain(50_000_000, time.nanos());
        assertThat(millis()).isCloseTo(30_000, within(0.1));
        responsiveness.waitedInVain(40_000_000_000L, time.nanos());
        assertThat(millis()).isCloseTo(40_000, within(0.1));
        assertThat(penalty()).isEqualTo(1);
    }

    @Test
    void noErrorIsLostInARace() throws Exception {
        long now = time.nanos();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                done.add(threads.submit(() -> {
                    for (int k = 1; k <= 5; k++) {
                        responsiveness.answered(k * 1_000L, now);
                        responsiveness.failed(now);
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get(1, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(responsiveness.lastFirstByteNanos()).as("the slowest").isEqualTo(5_000);
        // Twenty errors, and what twenty good responses took back: those that came when there was nothing, nothing.
        assertThat(penalty()).isBetween(Math.pow(2, 17.99), Math.pow(2, 20.01));
    }
}
