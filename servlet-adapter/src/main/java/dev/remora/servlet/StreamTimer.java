package dev.remora.servlet;

import dev.remora.exchange.NanoClock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One timer for all that a stream may wait for, one thing at a time. An event only stores the time; the scheduled task looks
 * at it when it fires and goes to sleep again for the rest. Used in one {@link Serial} or under one lock, where its actions run
 * too.
 */
final class StreamTimer {

    private final Executor serial;
    private final ScheduledExecutorService scheduler;
    private final NanoClock clock;
    private long timeoutNanos;
    private long lastEventNanos;
    private long wakeupNanos;
    private @Nullable Runnable expired;
    private @Nullable Future<?> wakeup;

    StreamTimer(Executor serial, ScheduledExecutorService scheduler, NanoClock clock) {
        this.serial = serial;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    /** Waits from now on for something that must come in time; what it waited for before is forgotten. */
    void await(Duration timeout, Runnable onExpiry) {
        timeoutNanos = timeout.toNanos();
        expired = onExpiry;
        touch();
        if (wakeup == null || wakeupNanos - lastEventNanos > timeoutNanos) {
            cancel();
            schedule(timeoutNanos);
        }
    }

    /** Something came: the time begins anew. */
    void touch() {
        lastEventNanos = clock.nanos();
    }

    /** Waits for nothing any more. */
    void stop() {
        expired = null;
        cancel();
    }

    private void cancel() {
        if (wakeup != null) {
            wakeup.cancel(false);
            wakeup = null;
        }
    }

    private void wake() {
        wakeup = null;
        Runnable action = expired;
        if (action == null) {
            return;
        }
        long rest = timeoutNanos - (clock.nanos() - lastEventNanos);
        if (rest > 0) {
            schedule(rest);
        } else {
            expired = null;
            action.run();
        }
    }

    private void schedule(long nanos) {
        wakeupNanos = clock.nanos() + nanos;
        try {
            wakeup = scheduler.schedule(() -> serial.execute(this::wake), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The proxy is destroyed: its container ends what is open.
            wakeup = null;
        }
    }
}
