package dev.remora;

import dev.remora.pool.Backend;
import java.util.List;

/**
 * A read-only picture of the pool.
 *
 * <p>It is consistent: all back ends belong to one version of the membership, and for each of them
 * {@code picked == succeeded + failed + cancelled + openStreams} holds, though the traffic goes on while it is taken.
 *
 * @param version the version of the membership, rising with every change
 * @param refused requests that got no back end since the start
 * @param waiting requests that wait for a place now
 * @param backends the members in the order of their source
 */
public record BalancerStats(long version, long refused, int waiting, List<BackendStats> backends) {

    /** Creates a picture. */
    public BalancerStats {
        backends = List.copyOf(backends);
    }

    /** Streams that are open on all members. */
    public long openStreams() {
        return backends.stream().mapToLong(BackendStats::openStreams).sum();
    }

    /** What a back end may get. */
    public enum Status {
        /** New streams. */
        READY,
        /** Streams of clients that are bound to it; new ones only if all do so: it has asked to be spared for a while. */
        COOLING,
        /** New streams, by a weight that still grows: it has become fit a short time ago, or is about to be asked. */
        WARMING,
        /** Only streams of clients that are bound to it, and after the soft deadline of a drain nothing. */
        DRAINING,
        /** Nothing: its probes or its outcomes say that it is unfit. */
        UNFIT
    }

    /**
     * One member.
     *
     * @param backend its description
     * @param status what it may get now
     * @param weight its share of new streams: the configured weight, times what slow start and the back end's own wish make
     *     of it
     * @param openStreams streams open now
     * @param waitingStreams those of them whose response has not begun
     * @param load the sum of their costs
     * @param picked streams ever given to it
     * @param succeeded streams that ended well
     * @param failed streams that ended by its fault
     * @param cancelled streams that ended by nobody's fault, mostly because the client left
     * @param firstByteMillis a moving average of the time from pick to response head, or to the client that gave up a
     *     long wait for it; 0 before the first of these
     */
    public record BackendStats(
            Backend backend,
            Status status,
            double weight,
            long openStreams,
            long waitingStreams,
            double load,
            long picked,
            long succeeded,
            long failed,
            long cancelled,
            double firstByteMillis) {}
}
