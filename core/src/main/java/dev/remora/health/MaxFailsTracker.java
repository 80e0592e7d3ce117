package dev.remora.health;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;

/**
 * Counts failures as nginx does. Three fields change together, seldom, and are guarded by the monitor; the common case,
 * a back end without fault, is the one volatile read of {@link #spotless()}.
 *
 * <p>{@code checked} is when the present window began: at the last failure, or when a request was let through to try an
 * unfit back end again. While it is younger than the timeout, an unfit back end gets nothing, so one request tries it
 * per timeout.
 */
final class MaxFailsTracker implements HealthTracker {

    private final int maxFails;
    private final long failTimeoutNanos;
    private final boolean statusesCount;

    // Written under the monitor; read without it by spotless().
    private volatile int fails;
    private long lastFailure;
    private long checked;

    MaxFailsTracker(int maxFails, long failTimeoutNanos, boolean statusesCount) {
        this.maxFails = maxFails;
        this.failTimeoutNanos = failTimeoutNanos;
        this.statusesCount = statusesCount;
    }

    @Override
    public boolean spotless() {
        return fails == 0;
    }

    @Override
    public synchronized boolean fit(long nowNanos) {
        return fails < maxFails || nowNanos - checked > failTimeoutNanos;
    }

    @Override
    public void admitted(long nowNanos) {
        if (!spotless()) {
            beginWindowIfOver(nowNanos);
        }
    }

    @Override
    public void responded(int status, boolean failure, long nowNanos) {
        if (failure && statusesCount) {
            failed(nowNanos);
        } else {
            succeeded();
        }
    }

    @Override
    public synchronized void risen() {
        fails = 0;
    }

    @Override
    public void ended(Outcome outcome, Verdict before, long nowNanos) {
        if (before == Verdict.BAD && statusesCount) {
            return;
        }
        if (outcome instanceof Outcome.Failure failure) {
            if (countsAsFail(failure.kind())) {
                failed(nowNanos);
            }
        } else if (outcome instanceof Outcome.Success) {
            succeeded();
        }
    }

    // As in nginx, a response that breaks off after it has begun is the trouble of one stream. A back end that died
    // shows it at the next connect.
    private static boolean countsAsFail(FailureKind kind) {
        return switch (kind) {
            case CONNECT, FIRST_BYTE_TIMEOUT, NO_RESPONSE, PROTOCOL -> true;
            case TRUNCATED, STREAM_IDLE, SATURATED -> false;
        };
    }

    private synchronized void beginWindowIfOver(long nowNanos) {
        if (nowNanos - checked > failTimeoutNanos) {
            checked = nowNanos;
        }
    }

    private synchronized void failed(long nowNanos) {
        fails = Math.min(fails + 1, maxFails);
        lastFailure = nowNanos;
        checked = nowNanos;
    }

    // A success clears the failures only if a window has begun since the last of them: a stream that was already under
    // way when the back end began to fail says nothing of its present state.
    private void succeeded() {
        if (!spotless()) {
            synchronized (this) {
                if (lastFailure - checked < 0) {
                    fails = 0;
                }
            }
        }
    }
}
