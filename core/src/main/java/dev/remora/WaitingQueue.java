package dev.remora;

import dev.remora.pool.BackendId;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Those that wait for the same, in the order of their tickets, with a mark where the present round stands. Guarded by the
 * monitor of its {@link WaitingRoom}.
 */
final class WaitingQueue {

    private static final long END = Long.MAX_VALUE;

    /** The back end they wait for; nothing when any will do. */
    final @Nullable BackendId target;

    private final int most;
    private final TreeMap<Long, WaitingRoom.Seat> waiters = new TreeMap<>();
    private long mark;

    WaitingQueue(@Nullable BackendId target, int most) {
        this.target = target;
        this.most = most;
    }

    boolean hasSeat() {
        return waiters.size() < most;
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    void add(WaitingRoom.Seat seat) {
        waiters.put(seat.ticket(), seat);
    }

    boolean remove(WaitingRoom.Seat seat) {
        return waiters.remove(seat.ticket(), seat);
    }

    /** Whether somebody waits here who came before that one. */
    boolean hasOneBefore(long ticket) {
        return !waiters.isEmpty() && waiters.firstKey() < ticket;
    }

    /** A round begins. */
    void rewind() {
        mark = WaitingRoom.NOBODY;
    }

    /** Whose turn it is in this round. */
    WaitingRoom.@Nullable Seat next() {
        var next = mark == END ? null : waiters.higherEntry(mark);
        return next == null ? null : next.getValue();
    }

    /** That one stays; the next one's turn. */
    void pass(WaitingRoom.Seat seat) {
        mark = seat.ticket();
    }

    /** Nobody here is asked again in this round. */
    void stop() {
        mark = END;
    }

    Iterable<WaitingRoom.Seat> all() {
        return waiters.values();
    }
}
