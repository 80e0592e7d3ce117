package dev.remora.redis;

/**
 * Whether what was remembered still holds without a question: as long as the connection that it came by is tracked, or as
 * long as the store has not been told of it. It ends once, for all that was remembered by it.
 */
final class Vouch {

    private volatile boolean holds = true;

    /** One that never held. */
    static Vouch none() {
        Vouch vouch = new Vouch();
        vouch.end();
        return vouch;
    }

    boolean holds() {
        return holds;
    }

    void end() {
        holds = false;
    }
}
