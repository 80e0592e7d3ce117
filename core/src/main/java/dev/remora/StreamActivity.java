package dev.remora;

/**
 * When one open stream moved last. Its adapter writes, one call at a time; whoever looks for stalled streams reads, and
 * may see what was true a moment ago.
 */
final class StreamActivity {

    private static final byte FLOWING = 0;
    private static final byte STALLED = 1;
    private static final byte HAD_STALLED = 2;

    private volatile long movedAt;
    private volatile long longestSilence;
    private volatile boolean paused;
    // Raised to STALLED by who looks, and from there to the last by the adapter: a stream stalls once.
    private volatile byte phase = FLOWING;

    StreamActivity(long nowNanos) {
        movedAt = nowNanos;
    }

    /** It moves; tells for how long it had not, 0 if it was not meant to. */
    long move(long nowNanos) {
        long silence = silentNanos(nowNanos);
        movedAt = nowNanos;
        if (silence > longestSilence) {
            longestSilence = silence;
        }
        return silence;
    }

    /** Its client takes nothing, or takes again: what it did not send meanwhile is not its back end's silence. */
    void pause(boolean nowPaused, long nowNanos) {
        movedAt = nowNanos;
        paused = nowPaused;
    }

    /** For how long it has been silent now. */
    long silentNanos(long nowNanos) {
        return paused ? 0 : Math.max(0, nowNanos - movedAt);
    }

    /** The longest silence that it has broken itself. */
    long longestSilenceNanos() {
        return longestSilence;
    }

    boolean hasStalled() {
        return phase != FLOWING;
    }

    void beginStall() {
        phase = STALLED;
    }

    /** Whether it was stalled and goes on now. */
    boolean endStall() {
        if (phase != STALLED) {
            return false;
        }
        phase = HAD_STALLED;
        return true;
    }
}
