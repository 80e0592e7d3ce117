package dev.remora;

/** Why a request was given to this back end. */
public enum PickReason {
    /** The client was bound to it, by cookie or session map. */
    STICKY,
    /** The strategy chose it for the request's key. */
    HASH,
    /** The strategy chose it; the request had no key. */
    BALANCED,
    /** The client's own back end, or the one tried before, could not serve. */
    FAILOVER
}
