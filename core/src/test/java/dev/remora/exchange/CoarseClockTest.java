package dev.remora.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

class CoarseClockTest {

    private static final Duration TICK = Duration.ofMillis(1);

    private final FakeTime time = new FakeTime();

    @Test
    void itShowsTheTimeOfTheLastTick() {
        NanoClock clock = CoarseClock.of(time, TICK, time);
        long start = time.nanos();
        assertThat(clock.nanos()).isEqualTo(start);
        time.advance(TICK.minusNanos(1));
        assertThat(clock.nanos()).isEqualTo(start);
        time.advance(Duration.ofNanos(1));
        assertThat(clock.nanos() - start).isEqualTo(TICK.toNanos());
        time.advance(Duration.ofSeconds(40));
        assertThat(clock.nanos()).as("beyond where it wraps around").isEqualTo(time.nanos());
    }

    @Test
    void nobodyTicksForAClockThatNobodyHolds() {
        NanoClock held = CoarseClock.of(time, TICK, time);
        time.advance(TICK);
        assertThat(time.pending()).isOne();
        Reference<NanoClock> let = new WeakReference<>(CoarseClock.of(time, TICK, time));
        for (int i = 0; i < 100 && let.get() != null; i++) {
            System.gc();
        }
        assumeThat(let.get()).as("what the garbage collector leaves").isNull();
        time.advance(TICK.multipliedBy(2));
        assertThat(held.nanos()).isEqualTo(time.nanos());
        assertThat(time.pending()).isOne();
    }

    @Test
    void aTickThatIsNoneIsRefused() {
        assertThatThrownBy(() -> CoarseClock.of(time, Duration.ZERO, time))
                .hasMessage("tick: PT0S (expected: > 0, at most PT1S)");
        assertThatThrownBy(() -> CoarseClock.of(time, Duration.ofSeconds(2), time))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theClockOfThisJvmTicks() {
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        try {
            NanoClock clock = NanoClock.coarse(TICK, scheduler);
            long first = clock.nanos();
            while (clock.nanos() == first) {
                Thread.onSpinWait();
            }
            assertThat(clock.nanos() - first).isPositive();
        } finally {
            scheduler.shutdownNow();
        }
    }
}
