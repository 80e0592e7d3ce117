package dev.remora;

import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Who does the balancer's own work.
 *
 * @param executor the thread, or threads, it runs on
 * @param own whether the executor ends with the balancer
 */
record Scheduler(ScheduledExecutorService executor, boolean own) implements AutoCloseable {

    private static final long IDLE_SECONDS = 30;

    /** The user's, or one of our own. */
    static Scheduler of(Optional<ScheduledExecutorService> given) {
        return given.map(executor -> new Scheduler(executor, false)).orElseGet(() -> new Scheduler(thread(), true));
    }

    /** Threads that do not keep the JVM alive. */
    static ThreadFactory daemon(String purpose) {
        return task -> {
            Thread thread = new Thread(task, "remora-" + purpose);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void close() {
        if (own) {
            executor.shutdownNow();
        }
    }

    // Most balancers have a list that never changes and no probes: no thread waits for nothing.
    private static ScheduledExecutorService thread() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, daemon("balancer"));
        executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
