package dev.remora.wire;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what comes when it comes, but not for ever. */
public final class Eventually {

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private Eventually() {}

    /**
     * Waits until a condition holds.
     *
     * @throws AssertionError when it does not in time
     */
    public static void holds(String what, Duration patience, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > patience.toNanos()) {
                throw new AssertionError(what + ": not within " + patience);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
