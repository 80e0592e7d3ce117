package dev.remora.redis;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One question to the store, shared by all requests that wait for its answer. It is answered at its deadline at the latest,
 * by nothing. Who waits counts on the link until the store's own answer comes.
 *
 * @param <T> what the answer says
 */
final class Ask<T> extends CompletableFuture<Optional<T>> {

    private final Link link;
    // Guarded by this.
    private int waiting = 1;
    private boolean settled;

    /** A question by one who has entered the link. */
    Ask(Link link) {
        this.link = link;
    }

    /** One more waits for the answer, if nobody knows it yet and the link lets it in. */
    synchronized boolean share() {
        if (settled || !link.enter()) {
            return false;
        }
        waiting++;
        return true;
    }

    /** The store has answered, or never will: nobody waits any more. */
    synchronized void settle() {
        if (!settled) {
            settled = true;
            link.leave(waiting);
        }
    }
}
