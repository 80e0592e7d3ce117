package dev.remora.netty;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One timer for all that a stream may wait for, one thing at a time. An event only stores the time; the scheduled task
 * looks at it when it fires and goes to sleep again for the rest. Used on one event loop.
 */
final class StreamTimer implements Runnable {

    private final EventLoop loop;
    private long timeoutNanos;
    private long lastEventNanos;
    private @Nullable Runnable expired;
    private @Nullable Wakeup wakeup;

    StreamTimer(EventLoop loop) {
        this.loop = loop;
    }

    /** Waits from now on for something that must come in time; what it waited for before is forgotten. */
    void await(Duration timeout, Runnable onExpiry) {
        timeoutNanos = timeout.toNanos();
        expired = onExpiry;
        touch();
        Wakeup pending = wakeup;
        if (pending == null || pending.atNanos - lastEventNanos > timeoutNanos) {
            if (pending != null) {
                pending.cancel();
            }
            schedule(timeoutNanos);
        }
    }

    /** Something came: the time begins anew. */
    void touch() {
        lastEventNanos = loop.ticker().nanoTime();
    }

    /** Waits for nothing any more. */
    void stop() {
        expired = null;
        Wakeup pending = wakeup;
        if (pending != null) {
            pending.cancel();
            wakeup = null;
        }
    }

    @Override
    public void run() {
        wakeup = null;
        Runnable action = expired;
        if (action == null) {
            return;
        }
        long rest = timeoutNanos - (loop.ticker().nanoTime() - lastEventNanos);
        if (rest > 0) {
            schedule(rest);
        } else {
            expired = null;
            action.run();
        }
    }

    private void schedule(long nanos) {
        long at = loop.ticker().nanoTime() + nanos;
        wakeup = new Wakeup(at, loop.schedule(this, nanos, TimeUnit.NANOSECONDS));
    }

    private record Wakeup(long atNanos, java.util.concurrent.Future<?> task) {
        void cancel() {
            task.cancel(false);
        }
    }
}
