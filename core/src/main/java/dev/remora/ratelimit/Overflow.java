package dev.remora.ratelimit;

/** What becomes of a new key when a limiter knows as many as it may. A key is known until its buckets are full again. */
public enum Overflow {
    /**
     * All keys that are not known share the buckets of one. Nobody gets more than before, however many keys come: what they
     * reserve and do not use is not given back.
     */
    SHARED_BUCKET,
    /** New keys are denied until one of the others is forgotten. What is charged to a key that has no place is lost. */
    REJECT_NEW,
    /**
     * Another key is forgotten, one that is seldom seen, and begins anew with full buckets: who has many keys gets past the
     * limit.
     */
    EVICT
}
