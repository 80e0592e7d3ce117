package dev.remora;

import org.jspecify.annotations.Nullable;

/**
 * Whom a drain still lets in to one back end. It follows the back end's id as its counters do. Thread-safe.
 *
 * <p>A stream is counted in first and looks at the gate then; a drain moves the gate first and looks at the count then. So
 * either the stream sees that it may not stay, or the drain sees the stream.
 */
final class Gate {

    static final int OPEN = 0;
    static final int BOUND_ONLY = 1;
    static final int SHUT = 2;

    // Written under the monitor, by whoever orders, runs or ends a drain; read by request threads.
    private volatile int level = OPEN;
    private volatile @Nullable DrainRun run;

    boolean keepsOut(boolean bound) {
        return level > (bound ? BOUND_ONLY : OPEN);
    }

    /** The drain in force. */
    @Nullable
    DrainRun run() {
        return run;
    }

    /**
     * Puts a drain in force, which reports to those who wait for the one before, too.
     *
     * @return the one that it replaces
     */
    synchronized @Nullable DrainRun take(DrainRun next, int newLevel) {
        DrainRun before = run;
        if (before != null) {
            next.inherit(before);
        }
        run = next;
        level = newLevel;
        return before;
    }

    /** The drain moves the gate, if it is in force. */
    synchronized void move(DrainRun by, int newLevel) {
        if (run == by) {
            level = newLevel;
        }
    }

    /**
     * Ends a drain.
     *
     * @return whether it was in force
     */
    synchronized boolean release(DrainRun by) {
        if (run != by) {
            return false;
        }
        run = null;
        level = OPEN;
        return true;
    }
}
