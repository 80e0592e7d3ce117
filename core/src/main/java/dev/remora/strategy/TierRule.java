package dev.remora.strategy;

/** Decides which tier a request is for. Called on request threads, many at once. */
interface TierRule {

    /** The first tier, as long as anybody in it is eligible. */
    TierRule FIRST = context -> 0;

    /** The place of a tier in their order. Whether anybody there is eligible does not need to be known. */
    int tier(PickContext context);

    /** The tier that was decided for had nobody. */
    default void foundNobody() {}
}
