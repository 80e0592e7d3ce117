package dev.remora;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who waits to be told that a stream should end, and the wish itself once it is there. Whoever brings the second half
 * tells. A wish that is more urgent than the one before is told too.
 *
 * @param resumable whether the client could go on elsewhere after a polite end
 */
record EndWish(
        @Nullable Consumer<EndRequest> listener, @Nullable EndRequest request, boolean resumable) {

    static final EndWish NONE = new EndWish(null, null, false);

    EndWish listenedBy(Consumer<EndRequest> newListener) {
        return new EndWish(newListener, request, resumable);
    }

    EndWish wished(EndRequest newRequest) {
        return isNews(newRequest) ? new EndWish(listener, newRequest, resumable) : this;
    }

    /** The wish is taken back: who was told already may still follow it. */
    EndWish unwished() {
        return new EndWish(listener, null, resumable);
    }

    EndWish asResumable() {
        return new EndWish(listener, request, true);
    }

    boolean isNews(EndRequest newRequest) {
        return request == null || request.urgency().compareTo(newRequest.urgency()) < 0;
    }
}
