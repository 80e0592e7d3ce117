package dev.remora.exchange;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** See {@link NanoClock#coarse}. Written by the scheduler alone. */
final class CoarseClock implements NanoClock {

    private static final Duration LONGEST = Duration.ofSeconds(1);

    private final NanoClock source;
    private volatile long now;

    private CoarseClock(NanoClock source) {
        this.source = source;
        this.now = source.nanos();
    }

    static NanoClock of(NanoClock source, Duration tick, ScheduledExecutorService scheduler) {
        if (tick.isNegative() || tick.isZero() || tick.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("tick: " + tick + " (expected: > 0, at most " + LONGEST + ")");
        }
        CoarseClock clock = new CoarseClock(source);
        WeakReference<CoarseClock> read = new WeakReference<>(clock);
        var unused = scheduler.scheduleWithFixedDelay(
                () -> tick(read), tick.toNanos(), tick.toNanos(), TimeUnit.NANOSECONDS);
        return clock;
    }

    private static void tick(WeakReference<CoarseClock> read) {
        CoarseClock clock = read.get();
        if (clock == null) {
            // What throws is not run again, and nobody hears of it.
            throw new CancellationException("nobody reads this clock any more");
        }
        clock.now = clock.source.nanos();
    }

    @Override
    public long nanos() {
        return now;
    }
}
