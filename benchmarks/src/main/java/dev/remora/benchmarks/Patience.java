package dev.remora.benchmarks;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what comes when it comes, but not for ever. */
final class Patience {

    private static final Duration MOST = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private Patience() {}

    /**
     * Returns when a condition holds.
     *
     * @return how long that took, in nanoseconds
     * @throws IllegalStateException when it does not hold within 30 s
     */
    static long until(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > MOST.toNanos()) {
                throw new IllegalStateException(what + ": not within " + MOST);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return System.nanoTime() - start;
    }
}
