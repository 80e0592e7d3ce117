package dev.remora;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Timers on the balancer's scheduler, which may have been shut down: nothing is due any more then. */
record Timers(ScheduledExecutorService scheduler) {

    /** Runs a task after so long. */
    Timer after(long delayNanos, Runnable task) {
        try {
            Future<?> future = scheduler.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {};
        }
    }

    /** Runs a task on the scheduler, or here if it has been shut down. */
    void now(Runnable task) {
        try {
            scheduler.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    /** A task that is still to run. */
    @FunctionalInterface
    interface Timer {
        void cancel();
    }
}
