package dev.remora.health;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What {@link OutlierDetection} knows of one back end.
 *
 * <table>
 * <caption>Who writes what</caption>
 * <tr><td>{@code window}</td><td>request threads add to it, the evaluation swaps it out: nothing is lost or counted twice
 *     </td></tr>
 * <tr><td>{@code runs}</td><td>request threads, by compare-and-set</td></tr>
 * <tr><td>{@code ejection}, {@code before}, {@code calmSince}</td><td>{@link OutlierMonitor} under its lock; only the
 *     first is read without it</td></tr>
 * </table>
 *
 * <p>A stream without fault costs one atomic addition and a few volatile reads, and allocates nothing.
 */
final class OutlierTracker implements HealthTracker {

    // In the window: streams that were judged for the first time, and failures, of which a stream has one at most. A
    // failure may follow in a later window than its stream, so that there are more failures than streams.
    private static final long STREAM = 1;
    private static final long FAILURE = 1L << 32;

    private static final long ANSWERED = Runs.ERROR + Runs.GATEWAY_ERROR + Runs.FIRST_BYTE_TIMEOUT;
    private static final long FLOWED = Runs.ABORT + Runs.STALL;

    private static final VarHandle WINDOW;

    static {
        try {
            WINDOW = MethodHandles.lookup().findVarHandle(OutlierTracker.class, "window", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final OutlierMonitor monitor;
    private final Runs runs;
    private final boolean counts;
    private final long graceNanos;

    @SuppressWarnings("unused") // through the handle
    private volatile long window;

    // When the ejection ends, always odd; 0 while it is in.
    private volatile long ejection;
    // Ejections that are not forgotten yet, and since when it has been in without one being forgotten.
    int before;
    long calmSince;

    OutlierTracker(OutlierMonitor monitor, OutlierDetection rules) {
        this.monitor = monitor;
        this.runs = rules.consecutive.runs();
        this.counts = rules.successRate.isOn() || rules.failureShare.isOn();
        this.graceNanos = 2 * monitor.interval().toNanos();
    }

    @Override
    public boolean spotless() {
        return ejection == 0;
    }

    // The evaluation lets it in again, so that all who must know of the moment learn of it. Should nobody evaluate any
    // more, the clock does.
    @Override
    public boolean fit(long nowNanos) {
        long until = ejection;
        return until == 0 || nowNanos - until > graceNanos;
    }

    @Override
    public void admitted(long nowNanos) {}

    @Override
    public void responded(int status, boolean failure, long nowNanos) {
        if (ejection != 0) {
            return;
        }
        if (!failure) {
            count(STREAM);
            runs.end(ANSWERED);
        } else {
            count(STREAM + FAILURE);
            boolean ofGateway = status >= 502 && status <= 504;
            lengthen(
                    ofGateway ? Runs.ERROR + Runs.GATEWAY_ERROR : Runs.ERROR,
                    ofGateway ? Runs.FIRST_BYTE_TIMEOUT : Runs.GATEWAY_ERROR + Runs.FIRST_BYTE_TIMEOUT,
                    nowNanos);
        }
    }

    @Override
    public void stalled(long nowNanos) {
        if (ejection == 0) {
            count(FAILURE);
            lengthen(Runs.STALL, 0, nowNanos);
        }
    }

    @Override
    public void recovered() {
        runs.end(Runs.STALL);
    }

    @Override
    public void risen() {
        monitor.readmit(this);
    }

    // What streams from before its ejection do meanwhile is no news.
    @Override
    public void ended(Outcome outcome, Verdict verdict, long nowNanos) {
        if (ejection != 0) {
            return;
        }
        if (outcome instanceof Outcome.Success) {
            if (verdict == Verdict.NONE) {
                count(STREAM);
                runs.end(ANSWERED + FLOWED);
            } else {
                runs.end(FLOWED);
            }
        } else if (outcome instanceof Outcome.Failure failure && verdict != Verdict.BAD) {
            count(verdict == Verdict.NONE ? STREAM + FAILURE : FAILURE);
            lengthen(verdict == Verdict.NONE ? unanswered(failure.kind()) : midway(failure.kind()), 0, nowNanos);
        }
    }

    private static long unanswered(FailureKind kind) {
        return switch (kind) {
            case CONNECT, NO_RESPONSE -> Runs.ERROR + Runs.GATEWAY_ERROR;
            case FIRST_BYTE_TIMEOUT -> ANSWERED;
            case PROTOCOL, TRUNCATED, STREAM_IDLE -> Runs.ERROR;
            // It was never asked; the balancer tells of such a stream as a cancelled one.
            case SATURATED -> 0;
        };
    }

    private static long midway(FailureKind kind) {
        return kind == FailureKind.STREAM_IDLE ? Runs.STALL : Runs.ABORT;
    }

    private void count(long what) {
        if (counts) {
            WINDOW.getAndAdd(this, what);
        }
    }

    private void lengthen(long kinds, long ended, long nowNanos) {
        if (runs.lengthen(kinds, ended)) {
            monitor.eject(this, nowNanos);
        }
    }

    // ---- called by the monitor under its lock

    boolean ejected() {
        return ejection != 0;
    }

    /** How long its ejection lasts from now; 0 or less when it is over. */
    long nanosLeft(long nowNanos) {
        return ejection - nowNanos;
    }

    void ejectUntil(long nanos) {
        ejection = nanos | 1;
    }

    /** What was seen until now says nothing any more. */
    void letIn() {
        runs.end(Runs.ALL);
        drain();
        ejection = 0;
    }

    /** Begins a new window and tells of the last one. */
    Window drain() {
        long last = (long) WINDOW.getAndSet(this, 0);
        int failures = (int) (last >>> 32);
        return new Window(this, Math.max((int) last, failures), failures);
    }

    /**
     * What happened since the evaluation before.
     *
     * @param streams as many as were judged, and not less than the failures
     */
    record Window(OutlierTracker tracker, int streams, int failures) {
        double successRate() {
            return 1 - (double) failures / streams;
        }
    }
}
