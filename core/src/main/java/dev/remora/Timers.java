package dev.remora;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Timers on the balancer's scheduler, which may have been shut down, or be the user's and go on without the balancer:
 * nothing is due any more when they are closed. Thread-safe.
 */
final class Timers implements AutoCloseable {

    private final ScheduledExecutorService scheduler;
    // Those that are still to run.
    private final Set<Timer> pending = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Timers(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /** Runs a task after so long, unless these are closed before. */
    Timer after(long delayNanos, Runnable task) {
        Timer timer = new Timer(task);
        pending.add(timer);
        try {
            timer.future = scheduler.schedule(timer, delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            timer.cancel();
        }
        // Who closes sees it among those that are pending, or it sees here that they are closed, or it has run.
        if (closed || timer.done) {
            timer.cancel();
        }
        return timer;
    }

    /** Runs a task on the scheduler, or here if it has been shut down. */
    void now(Runnable task) {
        try {
            scheduler.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    @Override
    public void close() {
        closed = true;
        pending.forEach(Timer::cancel);
    }

    /** A task that is still to run. */
    final class Timer implements Runnable {

        private final Runnable task;
        // Written by who schedules it, once.
        private volatile @Nullable Future<?> future;
        private volatile boolean done;

        private Timer(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (pending.remove(this) && !closed) {
                task.run();
            }
        }

        void cancel() {
            done = true;
            pending.remove(this);
            Future<?> scheduled = future;
            if (scheduled != null) {
                scheduled.cancel(false);
            }
        }
    }
}
