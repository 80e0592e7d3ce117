package dev.remora;

/** Why a request was given to this back end. */
public enum PickReason {
    /** The client was bound to it, by cookie or session map. */
    STICKY,
    /** It was chosen for the request's key: by the strategy, or because a shared session map could not be asked. */
    HASH,
    /** The strategy chose it; the request had no key. */
    BALANCED,
    /** The client's own back end, or the one tried before, could not serve. */
    FAILOVER
}
