package dev.remora.strategy;

/**
 * Chooses a back end from the snapshot it was made for. Called on request threads, many at once: it does not block,
 * takes no lock, and allocates nothing.
 */
@FunctionalInterface
public interface Picker {

    /** The answer that says: no member is eligible. */
    int NONE = -1;

    /**
     * Chooses a member.
     *
     * @return the place in the snapshot of an eligible member, or {@link #NONE} if there is none
     */
    int pick(PickContext context);
}
