package dev.remora.redis;

import dev.remora.session.Binding;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * What this process remembers of a session. Immutable, but for the moment of the next touch. Moments are ticks of the
 * {@link NearCache}.
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
    private final Times times;
    private final boolean restorable;
    // Any thread that finds it due puts it off, by compare-and-set: one of them touches.
    private volatile long touchAt;

    /**
     * When it changes.
     *
     * @param staleAt it is to be confirmed
     * @param touchAt the store is to be told that it is in use
     * @param endsAt it is over, however much it is used
     */
    record Times(long staleAt, long touchAt, long endsAt) {
        /** Of what is on the list of things to tell, and has no time of its own. */
        static final Times NONE = new Times(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * Remembers a session.
     *
     * @param name in the store
     * @param vouch who stands for it
     */
    Remembered(Tie tie, String name, Vouch vouch, Times times) {
        this(tie, Optional.of(tie.binding()), name, vouch, times, true);
    }

    private Remembered(Tie tie, Optional<Binding> answer, String name, Vouch vouch, Times times, boolean restorable) {
        this.tie = tie;
        this.answer = answer;
        this.name = name;
        this.vouch = vouch;
        this.times = times;
        this.restorable = restorable;
        this.touchAt = times.touchAt();
    }

    /** The same, when somebody else has changed it in the store: nobody knows how, it may have been forgotten. */
    Remembered doubted() {
        return new Remembered(tie, answer, name, Vouch.none(), times, false);
    }

    /** The same, when it was told though it was in doubt, since the store could not be asked: so it is to be kept. */
    Remembered believed() {
        return restorable ? this : new Remembered(tie, answer, name, Vouch.none(), times, true);
    }

    /** Whether the store is to be given it back, should it have lost it. */
    boolean restorable() {
        return restorable;
    }

    boolean holds(long tick) {
        return tick < times.staleAt && vouch.holds();
    }

    /** Whether it is over, and of no use any more. */
    boolean isOver(long tick) {
        return tick >= times.endsAt;
    }

    /** Whether nobody but this process knows it, for now. */
    boolean isPresumed() {
        return times.equals(Times.NONE) && vouch.holds();
    }

    /** Whether it is time to tell the store that it is in use; true for one caller only. */
    boolean takeTouch(long tick, long next) {
        long due = touchAt;
        return tick >= due && TOUCH_AT.compareAndSet(this, due, next);
    }
}
