package dev.remora.relay;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.exchange.ResponseView;
import dev.remora.exchange.StreamKind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The body of one answer as it passes: what is counted of it, and where it may end before its time. Its lease is told of
 * events and tokens. Not thread-safe: one thread at a time.
 */
public interface PassingBody {

    /** Instead of a number of bytes. */
    int NOWHERE = -1;

    /** A body that nobody looks at. */
    PassingBody UNSEEN = bytes -> NOWHERE;

    /**
     * The watch over an answer's body; {@link #UNSEEN} when there is nothing to see, or nothing can be seen because it is
     * compressed.
     *
     * @param response the head of the answer
     * @param open whether the client is told of the end by the framing, and no length was promised: only then the body can
     *     end early and be whole
     * @param resumption asked once, for event streams that can end early
     */
    static PassingBody watch(Lease lease, ResponseView response, boolean open, Supplier<Resumption> resumption) {
        if (!response.headers("content-encoding").isEmpty()) {
            return UNSEEN;
        } else if (response.kind() == StreamKind.EVENT_STREAM) {
            // Clients go on only after 200.
            boolean mayEnd = open && response.status() == 200;
            return new PassingEvents(lease, mayEnd ? resumption.get() : Resumption.NEVER, mayEnd);
        }
        return lease.wantsUsage() && isJson(response) ? new PassingJson(lease) : UNSEEN;
    }

    private static boolean isJson(ResponseView response) {
        List<String> types = response.headers("content-type");
        return !types.isEmpty() && types.get(0).split(";", 2)[0].strip().equalsIgnoreCase("application/json");
    }

    /**
     * Looks at the next bytes, and leaves them and the buffer's position as they are.
     *
     * @return how many of them may be the last ones of the body, or {@link #NOWHERE}
     */
    int pass(ByteBuffer bytes);

    /** All that one read brought has passed. */
    default void burstEnded() {}

    /** All of the body has passed. */
    default void ended() {}

    /** Whether the body may end where it is. */
    default boolean mayEndHere() {
        return false;
    }

    /**
     * The answer has used up what it may. From now on the body may end, at the first place that comes, if it can say why it
     * is short.
     *
     * @return whether it will end properly; otherwise it is to be broken
     */
    default boolean exhaust() {
        return false;
    }

    /** Whether it was {@linkplain #exhaust exhausted}: the rest may not take its time. */
    default boolean isExhausted() {
        return false;
    }

    /** Whether it has gone on for too long since then. */
    default boolean isOverrun() {
        return false;
    }

    /** The last bytes of a body that ends before its time. */
    default byte[] farewell(EndRequest wish, RandomGenerator random) {
        return new byte[0];
    }
}
