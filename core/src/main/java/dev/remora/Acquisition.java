package dev.remora;

import dev.remora.exchange.Outcome;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way to a place: it asks the session map, looks for a place, waits for one if it may, and agrees with
 * the map on it. Mostly all of that is one call on the caller's thread.
 *
 * <p>{@code phase} says who may touch the attempt and the place in hand. Whoever brings the next answer claims the phase
 * (resting to busy), and nobody else can until it rests again. A caller may end this stage at any moment: who finds it
 * resting then gives back what it held; who is busy on it finds out at the next rest, or when the pick is delivered in vain.
 */
final class Acquisition extends CompletableFuture<Pick> {

    private static final int BUSY = 0;
    private static final int RESTING = 1;
    private static final int OVER = 2;
    private static final int MOST_MOVES = 2;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(Acquisition.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Engine engine;
    private final WaitingRoom room;
    private final Attempt attempt;
    private final Executor executor;
    private volatile int phase = BUSY;

    // Owned by whoever is busy.
    private WaitingRoom.@Nullable Seat seat;
    private @Nullable StreamLease place;
    private boolean late;
    private boolean waitsForOwn;
    private int moves;

    Acquisition(Engine engine, Attempt attempt, Executor executor) {
        this.engine = engine;
        this.room = engine.room();
        this.attempt = attempt;
        this.executor = executor;
        this.waitsForOwn = room.takesBound();
    }

    /** Goes as far as it can at once. */
    void begin() {
        try {
            HeldPermits permits = attempt.permits();
            if (permits != null && permits.isPending()) {
                after(permits.answers(), answered -> admitted(engine.admitLate(attempt)));
            } else {
                admitted(null);
            }
        } catch (RuntimeException | Error e) {
            giveBack();
            throw e;
        }
    }

    private void admitted(@Nullable Refusal denied) {
        if (denied != null) {
            settle(engine.refuse(attempt, denied));
            return;
        }
        engine.recall(attempt);
        attempt.queueBehind(room.newcomer());
        proceed(look(), true);
    }

    // ---- looking for a place, and waiting for one

    /** What became of one who waited. */
    enum Progress {
        /** It waits where it did. */
        STAYS,
        /** It is there no more. */
        GONE,
        /** Somebody else is just looking after it, and will tell the room. */
        BUSY
    }

    /** Its turn has come: it looks for a place again, or gives up waiting when its time is over. */
    Progress tryAgain(WaitingRoom.Seat mine, long now) {
        if (!claim()) {
            return Progress.BUSY;
        }
        if (!mine.equals(seat)) {
            rest();
            return Progress.BUSY;
        }
        boolean expired = mine.isExpired(now);
        try {
            attempt.queueBehind(mine.ticket());
            waitsForOwn &= !expired;
            Pick pick = look();
            if (!expired && isFull(pick) && Objects.equals(target(pick), mine.target())) {
                attempt.placed();
                rest();
                return Progress.STAYS;
            }
            room.leave(mine);
            proceed(pick, !expired);
        } catch (RuntimeException | Error e) {
            room.leave(mine);
            fail(e);
        }
        return Progress.GONE;
    }

    private Pick look() {
        return engine.closed() ? Refusal.of(Refusal.Reason.CLOSED) : engine.place(attempt, waitsForOwn);
    }

    private void proceed(Pick found, boolean mayWait) {
        Pick pick = found;
        if (asksFirst(pick, mayWait) || (mayWait && sitsDown(pick))) {
            return;
        }
        if (pick == Placement.OWN_IS_FULL) {
            // No seat is left there: as if it did not wait for its own.
            waitsForOwn = false;
            pick = look();
            if (mayWait && sitsDown(pick)) {
                return;
            }
        }
        if (pick instanceof StreamLease lease) {
            placed(lease);
        } else {
            settle(engine.handOut(attempt, pick));
        }
    }

    /**
     * Who is refused, or would have to wait, asks the store whether its key is bound: its own back end may have a place.
     * Others find out when they bind their key to the place they have found, which is one question and not two.
     */
    private boolean asksFirst(Pick pick, boolean mayWait) {
        Optional<Sessions> sessions = engine.sessions();
        if (pick instanceof StreamLease
                || attempt.agreesByHash()
                || sessions.isEmpty()
                || !sessions.get().mustAsk(attempt)) {
            return false;
        }
        after(sessions.get().find(attempt.key.orElseThrow()), binding -> {
            attempt.bind(binding);
            // It does not ask again: if it is not bound it takes a place that others would choose for it, too.
            attempt.agreeByHash();
            proceed(look(), mayWait);
        });
        return true;
    }

    private boolean sitsDown(Pick pick) {
        WaitingRoom.Seat taken = isFull(pick) ? room.enter(this, seat, target(pick)) : null;
        if (taken == null) {
            return false;
        }
        seat = taken;
        attempt.placed();
        rest();
        room.entered(taken);
        return true;
    }

    private static boolean isFull(Pick pick) {
        return pick instanceof Refusal refusal && refusal.reason() == Refusal.Reason.SATURATED;
    }

    private @Nullable BackendId target(Pick pick) {
        return pick == Placement.OWN_IS_FULL ? attempt.bound() : null;
    }

    // ---- agreeing on it

    private void placed(StreamLease lease) {
        place = lease;
        Optional<Sessions> sessions = engine.sessions();
        if (sessions.isEmpty() || !sessions.get().mustLearn(lease)) {
            handOut(lease);
        } else if (attempt.agreesByHash() && sessions.get().mustAsk(attempt)) {
            follow(sessions.get(), lease, sessions.get().presume(lease));
        } else {
            after(sessions.get().learn(lease), answer -> agreed(sessions.get(), lease, answer));
        }
    }

    private void agreed(Sessions sessions, StreamLease lease, Optional<Binding> answer) {
        if (answer.isEmpty() && sessions.mustAsk(attempt)) {
            // Nobody could be asked in time: all gateways take the same place now, whatever the strategy chose.
            attempt.agreeByHash();
            move(lease);
        } else {
            follow(sessions, lease, answer);
        }
    }

    /** Goes where the winner is. Others may win again meanwhile, but hardly ever twice. */
    private void follow(Sessions sessions, StreamLease lease, Optional<Binding> answer) {
        if (answer.isEmpty() || answer.get().backend().equals(lease.backend().id())) {
            attempt.bind(answer);
            handOut(lease);
            return;
        }
        if (moves++ < MOST_MOVES) {
            attempt.bind(answer);
            move(lease);
        } else {
            place = null;
            handOut(sessions.follow(lease, answer.get()));
        }
    }

    private void move(StreamLease from) {
        place = null;
        from.vacate();
        proceed(look(), true);
    }

    private void handOut(StreamLease lease) {
        place = lease;
        Pick pick = engine.handOut(attempt, lease);
        place = null;
        settle(pick);
    }

    // ---- how it ends

    private void settle(Pick pick) {
        phase = OVER;
        if (!late) {
            deliver(pick);
            return;
        }
        try {
            executor.execute(() -> deliver(pick));
        } catch (RuntimeException e) {
            withdraw(pick);
            completeExceptionally(e);
        }
    }

    private void deliver(Pick pick) {
        if (!complete(pick)) {
            withdraw(pick);
        }
    }

    private static void withdraw(Pick pick) {
        if (pick instanceof Lease lease) {
            lease.complete(Outcome.cancelled());
        }
    }

    private void fail(Throwable failure) {
        giveBack();
        try {
            executor.execute(() -> completeExceptionally(failure));
        } catch (RuntimeException e) {
            completeExceptionally(failure);
        }
    }

    private void giveBack() {
        phase = OVER;
        StreamLease held = place;
        place = null;
        if (held != null) {
            held.vacate();
        }
        attempt.endPermits(Outcome.cancelled());
    }

    // ---- whose turn it is

    /** Goes on with an answer: now, if it is there, else when it comes. */
    private <T> void after(CompletableFuture<T> answer, Consumer<T> step) {
        if (answer.isDone()) {
            step.accept(answer.join());
            return;
        }
        rest();
        CompletableFuture<T> unused = answer.whenComplete((value, failure) -> {
            if (claim()) {
                try {
                    // Throws when there is none.
                    step.accept(answer.join());
                } catch (RuntimeException | Error e) {
                    fail(e);
                }
            }
        });
    }

    private boolean claim() {
        return phase == RESTING && PHASE.compareAndSet(this, RESTING, BUSY);
    }

    private void rest() {
        boolean first = !late;
        late = true;
        phase = RESTING;
        if (first) {
            CompletableFuture<Pick> unused = whenComplete((pick, failure) -> abandon());
        } else if (isDone()) {
            abandon();
        }
    }

    /** The stage is done. If nobody of us did it, its caller does not wait any more. */
    private void abandon() {
        if (claim()) {
            if (seat != null) {
                room.leave(seat);
                room.placeFreed();
            }
            giveBack();
        }
    }
}
