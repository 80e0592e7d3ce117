package dev.remora.affinity;

/** What happens to a client whose back end is gone, unfit, full or was tried in vain. */
public enum StickyFallback {
    /** It is bound to another back end, for good. */
    REBIND,
    /** Another back end serves this request; the tie stays, so the client returns when its own is fit again. */
    SPILL,
    /** It is refused with 503 until its back end returns: for back ends whose state cannot be rebuilt. */
    REFUSE
}
