package dev.remora;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who waits to be told that a stream should end, and the wish itself once it is there. Whoever brings the second half tells. */
record EndWish(
        @Nullable Consumer<EndRequest> listener, @Nullable EndRequest request) {

    static final EndWish NONE = new EndWish(null, null);

    EndWish listenedBy(Consumer<EndRequest> newListener) {
        return new EndWish(newListener, request);
    }

    EndWish wished(EndRequest newRequest) {
        return request == null ? new EndWish(listener, newRequest) : this;
    }
}
