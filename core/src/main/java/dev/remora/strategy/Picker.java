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

    /**
     * Whether a client that is bound to a member, by its cookie or a session map, may go on there; asked only when the
     * member can serve, so it does not ask {@link PickContext#eligible} again. Always, unless the strategy bounds the load
     * also for those who are bound.
     *
     * @param index the place in the snapshot of the member that the client is bound to
     */
    default boolean keeps(PickContext context, int index) {
        return true;
    }
}
