package dev.remora;

/**
 * The most that back ends get at once. Beyond it a request waits ({@link Waiting}) or is refused with 503 and
 * {@code Retry-After} ({@link Refusal.Reason#SATURATED}). All limits hold exactly, whatever races.
 *
 * <p>A stream is <em>pending</em> from its pick until its response begins. {@link Integer#MAX_VALUE} means no limit.
 *
 * @param streams the most open streams of all back ends together, those that have left the pool included; at least 1
 * @param pending the most of them that are pending; at least 1
 * @param streamsPerBackend the most open streams of each back end, at least 1;
 *     {@link dev.remora.pool.Backend#maxStreams} may allow one of them less
 * @param pendingPerBackend the most of them that are pending; at least 1
 */
public record LoadLimits(int streams, int pending, int streamsPerBackend, int pendingPerBackend) {

    private static final LoadLimits NONE =
            new LoadLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    /** Creates limits from all their parts; {@link #none()} and the {@code with...} methods are the short way. */
    public LoadLimits {
        requirePositive("streams", streams);
        requirePositive("pending", pending);
        requirePositive("streamsPerBackend", streamsPerBackend);
        requirePositive("pendingPerBackend", pendingPerBackend);
    }

    /** No limits. */
    public static LoadLimits none() {
        return NONE;
    }

    /** A copy with another limit of {@link #streams}. */
    public LoadLimits withStreams(int most) {
        return new LoadLimits(most, pending, streamsPerBackend, pendingPerBackend);
    }

    /** A copy with another limit of {@link #pending} streams. */
    public LoadLimits withPending(int most) {
        return new LoadLimits(streams, most, streamsPerBackend, pendingPerBackend);
    }

    /** A copy with another limit of {@link #streamsPerBackend}. */
    public LoadLimits withStreamsPerBackend(int most) {
        return new LoadLimits(streams, pending, most, pendingPerBackend);
    }

    /** A copy with another limit of {@link #pendingPerBackend}. */
    public LoadLimits withPendingPerBackend(int most) {
        return new LoadLimits(streams, pending, streamsPerBackend, most);
    }

    /** Whether anything is limited that all back ends share. */
    boolean concernPool() {
        return streams < Integer.MAX_VALUE || pending < Integer.MAX_VALUE;
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
