package dev.remora.redis;

import dev.remora.session.Binding;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * What this process remembers of a session. Immutable, but for the moment of the next touch.
 *
 * <p>It is told without a question while its vouch holds and it is not stale; afterwards it is the best guess, and what the
 * store is asked to restore if it has lost it.
 */
final class Remembered {

    private static final VarHandle TOUCH_AT;

    static {
        try {
            TOUCH_AT = MethodHandles.lookup().findVarHandle(Remembered.class, "touchAt", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Tie tie;
    /** Never empty, and wrapped once for all who look. */
    final Optional<Binding> answer;
    /** Its name in the store. */
    final String name;

    private final Vouch vouch;
    private final long staleAt;
    private final boolean restorable;
    // Any thread that finds it due puts it off, by compare-and-set: one of them touches.
    private volatile long touchAt;

    /**
     * Remembers a session.
     *
     * @param name in the store
     * @param vouch who stands for it
     * @param staleAt the tick at which it is to be confirmed
     * @param touchAt the tick at which the store is to be told that it is in use
     */
    Remembered(Tie tie, String name, Vouch vouch, long staleAt, long touchAt) {
        this(tie, name, vouch, staleAt, touchAt, true);
    }

    private Remembered(Tie tie, String name, Vouch vouch, long staleAt, long touchAt, boolean restorable) {
        this.tie = tie;
        this.answer = Optional.of(tie.binding());
        this.name = name;
        this.vouch = vouch;
        this.staleAt = staleAt;
        this.touchAt = touchAt;
        this.restorable = restorable;
    }

    /** The same, when somebody else has changed it in the store: nobody knows how, it may have been forgotten. */
    Remembered doubted() {
        return new Remembered(tie, name, Vouch.none(), staleAt, touchAt, false);
    }

    /** Whether the store is to be given it back, should it have lost it. */
    boolean restorable() {
        return restorable;
    }

    boolean holds(long tick) {
        return tick < staleAt && vouch.holds();
    }

    /** Whether nobody but this process knows it, for now. */
    boolean isPresumed() {
        return staleAt == Long.MAX_VALUE && vouch.holds();
    }

    /** Whether it is time to tell the store that it is in use; true for one caller only. */
    boolean takeTouch(long tick, long next) {
        long due = touchAt;
        return tick >= due && TOUCH_AT.compareAndSet(this, due, next);
    }
}
