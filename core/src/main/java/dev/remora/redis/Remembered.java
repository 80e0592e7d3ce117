package dev.remora.redis;

import dev.remora.session.Binding;
import java.util.Optional;

/**
 * What this process remembers of a session. Immutable. Moments are ticks of the {@link NearCache}.
 *
 * <p>It is told without a question while its vouch holds and it is not stale; afterwards it is the best guess, and what the
 * store is asked to restore if it has lost it.
 */
final class Remembered {

    final Tie tie;
    /** Never empty, and wrapped once for all who look. */
    final Optional<Binding> answer;
    /** Its name in the store. */
    final String name;

    private final Vouch vouch;
    // Not in an object of their own: a look goes through memory that it alone has touched lately.
    private final long staleAt;
    private final long touchAt;
    private final long endsAt;
    private final boolean restorable;

    /**
     * When it changes.
     *
     * @param staleAt it is to be confirmed
     * @param touchAt a look notes that it is in use, and tells the store
     * @param endsAt it is over, however much it is used
     */
    record Times(long staleAt, long touchAt, long endsAt) {
        /** Of what is on the list of things to tell. */
        static Times untilTold(long touchAt) {
            return new Times(Long.MAX_VALUE, touchAt, Long.MAX_VALUE);
        }
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
        this.staleAt = times.staleAt();
        this.touchAt = times.touchAt();
        this.endsAt = times.endsAt();
        this.restorable = restorable;
    }

    private Times times() {
        return new Times(staleAt, touchAt, endsAt);
    }

    /** The same, when somebody else has changed it in the store: nobody knows how, it may have been forgotten. */
    Remembered doubted() {
        return new Remembered(tie, answer, name, Vouch.none(), times(), false);
    }

    /** The same, when it was told though it was in doubt, since the store could not be asked: so it is to be kept. */
    Remembered believed() {
        return restorable ? this : new Remembered(tie, answer, name, Vouch.none(), times(), true);
    }

    /** Whether the store is to be given it back, should it have lost it. */
    boolean restorable() {
        return restorable;
    }

    boolean holds(long tick) {
        return tick < staleAt && vouch.holds();
    }

    /** Whether it is over, and of no use any more. */
    boolean isOver(long tick) {
        return tick >= endsAt;
    }

    /** Whether nobody but this process knows it, for now. */
    boolean isPresumed() {
        return staleAt == Long.MAX_VALUE && vouch.holds();
    }

    /** Whether it is time to note that it is in use, and to tell the store. */
    boolean isTouchDue(long tick) {
        return tick >= touchAt;
    }

    /** The same, when its use was noted. */
    Remembered touched(long next) {
        return new Remembered(tie, answer, name, vouch, new Times(staleAt, next, endsAt), restorable);
    }
}
