package dev.remora.exchange;

import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A clock and a scheduler in one: time passes when a test says so, and what is due then runs on the test's thread. It
 * starts just before the reading wraps around, so that every test meets negative readings.
 */
public class FakeTime extends AbstractExecutorService implements NanoClock, ScheduledExecutorService {

    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>();
    private final long start = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(30);
    private long passed;
    private boolean shutdown;

    @Override
    public synchronized long nanos() {
        return start + passed;
    }

    /** Lets time pass, and runs what becomes due in its order. */
    public void advance(Duration duration) {
        long until;
        synchronized (this) {
            until = passed + duration.toNanos();
        }
        for (Task<?> due = next(until); due != null; due = next(until)) {
            due.run();
        }
        synchronized (this) {
            passed = until;
        }
    }

    /** How many tasks are still to run. */
    public synchronized long pending() {
        return tasks.stream().filter(task -> !task.isCancelled()).count();
    }

    private synchronized Task<?> next(long until) {
        Task<?> head = tasks.peek();
        if (head == null || head.dueNanos > until) {
            return null;
        }
        passed = Math.max(passed, head.dueNanos);
        return tasks.poll();
    }

    private synchronized <V> ScheduledFuture<V> add(Callable<V> callable, long delay, TimeUnit unit) {
        Task<V> task = new Task<>(callable, passed + unit.toNanos(delay));
        tasks.add(task);
        return task;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return add(
                () -> {
                    command.run();
                    return true;
                },
                delay,
                unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return add(callable, delay, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        throw new UnsupportedOperationException("not needed so far");
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        return schedule(
                () -> {
                    command.run();
                    var unused = scheduleWithFixedDelay(command, delay, delay, unit);
                },
                initialDelay,
                unit);
    }

    @Override
    public void execute(Runnable command) {
        command.run();
    }

    @Override
    public void shutdown() {
        shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return shutdown;
    }

    private final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {
        private final long dueNanos;

        Task(Callable<V> callable, long dueNanos) {
            super(callable);
            this.dueNanos = dueNanos;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(dueNanos - passed, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(dueNanos, ((Task<?>) other).dueNanos);
        }
    }
}
