package dev.remora;

import dev.remora.exchange.NanoClock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a {@link RetryBudget} has left. Counted in thousandths of a retry. While nothing is retried it stays full, and a
 * request pays one read.
 */
final class RetryTokens {

    private static final long RETRY = 1_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final NanoClock clock;
    private final long deposit;
    private final long perSecond;
    private final long full;
    private final AtomicLong balance;
    // When the floor was last paid in. Guarded by the monitor.
    private long paidAt;

    RetryTokens(RetryBudget budget, NanoClock clock) {
        this.clock = clock;
        this.deposit = Math.round(budget.share() * RETRY);
        this.perSecond = budget.perSecond() * RETRY;
        this.full = budget.mostSaved() * RETRY;
        this.balance = new AtomicLong(perSecond * RetryBudget.SAVED_SECONDS);
        this.paidAt = clock.nanos();
    }

    /** A request came in. */
    void deposit() {
        if (deposit > 0 && balance.get() < full) {
            pay(deposit);
        }
    }

    /** Whether one request more may be tried again; if so, it is counted. */
    boolean tryWithdraw() {
        payFloor();
        return balance.getAndUpdate(saved -> saved >= RETRY ? saved - RETRY : saved) >= RETRY;
    }

    private synchronized void payFloor() {
        if (perSecond == 0) {
            return;
        }
        long nanosPerToken = Math.max(1, NANOS_PER_SECOND / perSecond);
        long tokens = (clock.nanos() - paidAt) / nanosPerToken;
        paidAt += tokens * nanosPerToken;
        pay(Math.min(full, tokens));
    }

    private void pay(long tokens) {
        balance.accumulateAndGet(tokens, (saved, more) -> Math.min(full, saved + more));
    }
}
