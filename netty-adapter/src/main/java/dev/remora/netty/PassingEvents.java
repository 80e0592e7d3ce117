package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.http.EventStreamEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * The events of one answer as they pass: they are counted, and it is known where the stream may end politely.
 *
 * <p>That is between two events, if the client will ask for the rest. A browser does so by itself; that it misses nothing
 * shows in the ids of events, which it then sends back.
 */
final class PassingEvents {

    /** When a client goes on after the end. */
    enum Resumption {
        /** It takes the end for the end of the answer. */
        NEVER,
        /** As soon as an event has given it an id to ask by. */
        BY_ID,
        /** The user says so. */
        ALWAYS
    }

    private final EventStreamEvents events = new EventStreamEvents();
    private final ByteProcessor toEventEnd = b -> !events.next(b);
    private final Lease lease;
    private final Resumption resumption;
    private boolean marked;

    PassingEvents(Lease lease, Resumption resumption) {
        this.lease = lease;
        this.resumption = resumption;
        markIfResumable();
    }

    /**
     * Looks at the next bytes of the body.
     *
     * @return the index behind the last place among them where the stream may end, or -1
     */
    int pass(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        int mayEndAt = -1;
        while (at < end) {
            int eventEnd = bytes.forEachByte(at, end - at, toEventEnd);
            at = eventEnd < 0 ? end : eventEnd + 1;
            if (eventEnd >= 0) {
                lease.event();
                markIfResumable();
            }
            if (mayEndHere()) {
                mayEndAt = at;
            }
        }
        return mayEndAt;
    }

    /** Whether the stream may end where it is. */
    boolean mayEndHere() {
        return isResumable() && events.isBetweenEvents();
    }

    private boolean isResumable() {
        return resumption == Resumption.ALWAYS || (resumption == Resumption.BY_ID && events.hasLastEventId());
    }

    private void markIfResumable() {
        if (!marked && isResumable()) {
            marked = true;
            lease.markResumable();
        }
    }

    /** The end of a stream: when to ask again, half to one and a half of the wished time, so that not all come at once. */
    static LastHttpContent farewell(EndRequest wish, RandomGenerator random) {
        long millis = Math.round(wish.retryAfter().toMillis() * (0.5 + random.nextDouble()));
        return new DefaultLastHttpContent(
                Unpooled.copiedBuffer("retry: " + millis + "\n\n", StandardCharsets.US_ASCII));
    }
}
