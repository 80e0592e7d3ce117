package dev.remora.health;

import dev.remora.exchange.Outcome;

/** Takes note of nothing. */
final class AlwaysFit implements HealthTracker {
    @Override
    public boolean spotless() {
        return true;
    }

    @Override
    public boolean fit(long nowNanos) {
        return true;
    }

    @Override
    public void admitted(long nowNanos) {}

    @Override
    public void responded(int status, boolean failure, long nowNanos) {}

    @Override
    public void risen() {}

    @Override
    public void ended(Outcome outcome, Verdict before, long nowNanos) {}
}
