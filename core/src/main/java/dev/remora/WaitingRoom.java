package dev.remora;

import dev.remora.exchange.NanoClock;
import dev.remora.pool.BackendId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The queues of those that wait for a place: one for each back end and one for the pool.
 *
 * <p>No wake-up is lost: who enters is in its queue before it looks for a place once more, and who frees a place frees it
 * before it looks whether somebody waits. There is one round at a time, made by whoever finds none under way; what happens
 * meanwhile makes that one go round again. In a round the heads of the queues look for a place, in the order in which
 * they came, until all back ends are full: one freed place wakes one waiter. What only the clock shows, a fail timeout
 * that is over for example, is seen by a full round every 100 ms while somebody waits.
 *
 * <p>The monitor guards the queues. It is not held while a waiter looks for a place or is told of it.
 */
final class WaitingRoom {

    /** The ticket of one who heeds nobody. */
    static final long NOBODY = 0;

    /** The ticket of a newcomer: everybody came before. */
    private static final long LAST = Long.MAX_VALUE;

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long OVERDUE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    // Who stays though there is room somewhere wants something else than the others do; the full rounds see to that.
    private static final int MOST_IN_VAIN = 8;

    private final Waiting rules;
    private final NanoClock clock;
    private final ScheduledExecutorService scheduler;
    private final BooleanSupplier roomSomewhere;
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicBoolean full = new AtomicBoolean();

    // How many wait. Written under the monitor, read by every request: all that a pool that is not full pays.
    private volatile int waiting;

    // Guarded by the monitor.
    private final Map<BackendId, WaitingQueue> queues = new HashMap<>();
    private final WaitingQueue ofPool;
    private long lastTicket = NOBODY;
    private boolean timed;
    private long wakeAt;

    /**
     * A place in a queue.
     *
     * @param target the back end it is for; nothing when any will do
     */
    record Seat(
            Acquisition waiter,
            long ticket,
            long deadline,
            @Nullable BackendId target) {

        boolean isExpired(long now) {
            return deadline - now <= 0;
        }
    }

    WaitingRoom(Waiting rules, NanoClock clock, ScheduledExecutorService scheduler, BooleanSupplier roomSomewhere) {
        this.rules = rules;
        this.clock = clock;
        this.scheduler = scheduler;
        this.roomSomewhere = roomSomewhere;
        this.ofPool = new WaitingQueue(null, rules.inPool());
    }

    /** Whether bound clients wait for their own back end. */
    boolean takesBound() {
        return rules.perBackend() > 0;
    }

    /** What a newcomer heeds. */
    long newcomer() {
        return waiting > 0 ? LAST : NOBODY;
    }

    /** How many wait. */
    int waiting() {
        return waiting;
    }

    /** Whether a free place on a back end is for somebody who came before. */
    synchronized boolean isAwaited(BackendId id, long ticket, boolean bound) {
        WaitingQueue own = queues.get(id);
        if (own != null && own.hasOneBefore(ticket)) {
            return true;
        }
        // Those in queues take turns already. A bound newcomer that could not queue for its own goes there at once.
        return ticket == LAST && !ofPool.isEmpty() && (!bound || takesBound());
    }

    /**
     * Sits down in a queue; {@link #entered} comes next, once the waiter can be told.
     *
     * @param before the seat that it has left, whose time goes on
     * @return nothing when the queue has no seat left
     */
    synchronized @Nullable Seat enter(Acquisition waiter, @Nullable Seat before, @Nullable BackendId target) {
        WaitingQueue queue = target == null
                ? ofPool
                : queues.computeIfAbsent(target, id -> new WaitingQueue(id, rules.perBackend()));
        if (!queue.hasSeat()) {
            return null;
        }
        Seat seat = before == null
                ? new Seat(
                        waiter, ++lastTicket, clock.nanos() + rules.patience().toNanos(), target)
                : new Seat(waiter, before.ticket(), before.deadline(), target);
        queue.add(seat);
        waiting++;
        return seat;
    }

    /** Somebody has sat down, perhaps a moment after the last place was freed. */
    void entered(Seat seat) {
        wakeIn(Math.min(TICK_NANOS, seat.deadline() - clock.nanos()));
        placeFreed();
    }

    /** Somebody goes, with a place or without. */
    synchronized void leave(Seat seat) {
        WaitingQueue queue = seat.target() == null ? ofPool : queues.get(seat.target());
        if (queue == null || !queue.remove(seat)) {
            return;
        }
        waiting--;
        if (queue.target != null && queue.isEmpty()) {
            queues.remove(queue.target);
        }
    }

    /** A place may be free. */
    void placeFreed() {
        if (waiting > 0) {
            goRound();
        }
    }

    /** Members, their limits or their health have changed, or the balancer is closed: everybody looks again. */
    void changed() {
        if (waiting > 0) {
            full.set(true);
            goRound();
        }
    }

    private void goRound() {
        if (rounds.getAndIncrement() > 0) {
            return;
        }
        int seen;
        do {
            seen = rounds.get();
            round(full.getAndSet(false));
        } while (rounds.addAndGet(-seen) > 0);
    }

    private void round(boolean isFull) {
        long now = clock.nanos();
        int inVain = 0;
        rewind();
        for (Turn turn = nextTurn(); turn != null; turn = nextTurn()) {
            boolean ofThePool = turn.queue.target == null;
            if (ofThePool && !isFull && (inVain == MOST_IN_VAIN || !roomSomewhere.getAsBoolean())) {
                stop(turn.queue);
                continue;
            }
            switch (turn.seat.waiter().tryAgain(turn.seat, now)) {
                case GONE -> {}
                case BUSY -> stop(turn.queue);
                case STAYS -> {
                    // All in the queue of one back end wait for the same.
                    if (ofThePool) {
                        inVain++;
                        pass(turn);
                    } else {
                        stop(turn.queue);
                    }
                }
            }
        }
    }

    private record Turn(WaitingQueue queue, Seat seat) {}

    private synchronized void rewind() {
        ofPool.rewind();
        queues.values().forEach(WaitingQueue::rewind);
    }

    private synchronized @Nullable Turn nextTurn() {
        Turn first = earlier(null, ofPool);
        for (WaitingQueue queue : queues.values()) {
            first = earlier(first, queue);
        }
        return first;
    }

    private static @Nullable Turn earlier(@Nullable Turn turn, WaitingQueue queue) {
        Seat next = queue.next();
        if (next == null || (turn != null && turn.seat.ticket() < next.ticket())) {
            return turn;
        }
        return new Turn(queue, next);
    }

    private synchronized void pass(Turn turn) {
        turn.queue.pass(turn.seat);
    }

    private synchronized void stop(WaitingQueue queue) {
        queue.stop();
    }

    // ---- time

    private void wakeIn(long nanos) {
        long delay = Math.max(1, nanos);
        long at = clock.nanos() + delay;
        synchronized (this) {
            if (timed && wakeAt - at <= 0) {
                return;
            }
            timed = true;
            wakeAt = at;
        }
        try {
            Future<?> unused = scheduler.schedule(() -> tick(at), delay, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The balancer is being closed, and everybody is told so.
        }
    }

    private void tick(long at) {
        synchronized (this) {
            if (wakeAt != at) {
                return;
            }
            timed = false;
        }
        changed();
        long next = untilNext(clock.nanos());
        if (next > 0) {
            wakeIn(next);
        }
    }

    /** The time until somebody's patience ends, or until the next tick; 0 when nobody waits. */
    private synchronized long untilNext(long now) {
        if (waiting == 0) {
            return 0;
        }
        long next = earliest(ofPool, now, TICK_NANOS);
        for (WaitingQueue queue : queues.values()) {
            next = earliest(queue, now, next);
        }
        // Who is overdue is being asked by the round that is under way.
        return Math.max(OVERDUE_NANOS, next);
    }

    private static long earliest(WaitingQueue queue, long now, long before) {
        long next = before;
        for (Seat seat : queue.all()) {
            next = Math.min(next, seat.deadline() - now);
        }
        return next;
    }
}
