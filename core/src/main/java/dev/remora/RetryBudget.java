package dev.remora;

import dev.remora.exchange.NanoClock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many requests may be tried again: a fifth of all requests, and ten a second besides (Finagle's constants), saved
 * up to a hundred. It keeps a pool that fails under load from getting a multiple of that load.
 *
 * <p>The balance is counted in tenths of a retry, between 0 and {@link #FULL}, and starts full. While nothing is
 * retried it stays full, and a request pays one read.
 */
final class RetryBudget {

    private static final long RETRY = 10;
    private static final long DEPOSIT = 2;
    private static final long FULL = 100 * RETRY;
    private static final long NANOS_PER_TENTH = 10_000_000;

    private final NanoClock clock;
    private final AtomicLong balance = new AtomicLong(FULL);
    // When the reserve was last paid in. Guarded by the monitor.
    private long paidAt;

    RetryBudget(NanoClock clock) {
        this.clock = clock;
        this.paidAt = clock.nanos();
    }

    /** A request came in. */
    void deposit() {
        if (balance.get() < FULL) {
            pay(DEPOSIT);
        }
    }

    /** Whether one request more may be tried again; if so, it is counted. */
    boolean tryWithdraw() {
        payReserve();
        return balance.getAndUpdate(saved -> saved >= RETRY ? saved - RETRY : saved) >= RETRY;
    }

    private synchronized void payReserve() {
        long tenths = (clock.nanos() - paidAt) / NANOS_PER_TENTH;
        paidAt += tenths * NANOS_PER_TENTH;
        pay(Math.min(FULL, tenths));
    }

    private void pay(long tenths) {
        balance.accumulateAndGet(tenths, (saved, more) -> Math.min(FULL, saved + more));
    }
}
