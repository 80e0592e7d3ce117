package dev.remora.benchmarks;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.BalancerListener;
import dev.remora.PickReason;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import java.time.Duration;

/** Counts the streams that the balancer has open, so that a program can wait for a number instead of asking again. */
final class OpenStreams implements BalancerListener {

    private final Object lock = new Object();

    @GuardedBy("lock")
    private int open;

    @Override
    public void picked(Backend backend, PickReason reason) {
        change(1);
    }

    @Override
    public void ended(Backend backend, Outcome outcome, long openNanos, long bytes, long events) {
        change(-1);
    }

    /**
     * Returns when so many streams are open.
     *
     * @throws IllegalStateException if that takes longer than the patience
     */
    void await(int expected, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (lock) {
            while (open != expected) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new IllegalStateException("open streams: " + open + " (expected: " + expected + ")");
                }
                lock.wait(left / 1_000_000, (int) (left % 1_000_000));
            }
        }
    }

    private void change(int difference) {
        synchronized (lock) {
            open += difference;
            lock.notifyAll();
        }
    }
}
