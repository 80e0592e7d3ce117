package dev.remora;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How long one back end is usually silent between two pieces of a stream: a moving average over the pieces of all of its
 * streams. Written by event loops without waiting for each other; a lost update is allowed.
 */
final class Pace {

    // The newest gap weighs a 32nd.
    private static final float NEWEST = 1 / 32f;

    private static final VarHandle AVERAGE;

    static {
        try {
            AVERAGE = MethodHandles.lookup().findVarHandle(Pace.class, "averageNanos", float.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through the handle
    private float averageNanos;

    void add(long gapNanos) {
        float seen = usualNanos();
        AVERAGE.setOpaque(this, seen == 0 ? gapNanos : seen + (gapNanos - seen) * NEWEST);
    }

    /** The usual gap in nanoseconds; 0 before the first. */
    float usualNanos() {
        return (float) AVERAGE.getOpaque(this);
    }
}
