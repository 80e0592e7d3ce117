package dev.remora.affinity;

/**
 * What happens to a client whose back end is gone, unfit, full or was tried in vain. One whose back end is only full may
 * wait for it first: {@code LoadBalancerBuilder.waiting}.
 */
public enum StickyFallback {
    /**
     * It is bound to another back end, for good. Parallel requests of one client choose the same one, on every gateway.
     * Only if that one fills up between two of them, the later one goes elsewhere: a session map then keeps the first
     * choice, and of a cookie the last answer's counts.
     */
    REBIND,
    /** Another back end serves this request; the tie stays, so the client returns when its own is fit again. */
    SPILL,
    /** It is refused with 503 until its back end returns: for back ends whose state cannot be rebuilt. */
    REFUSE
}
