package dev.remora.netty;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * The body of a request between client and back end. What arrives before a back end is connected is kept, up to a bound;
 * the rest stays in the socket. It is passed on once.
 */
final class RequestBody {

    private static final int MAX_HELD_BYTES = 64 * 1024;

    private final Queue<HttpContent> held = new ArrayDeque<>(2);
    private int heldBytes;
    private boolean received;
    private boolean passedOn;

    /** Whether the client has sent all of it. */
    boolean isReceived() {
        return received;
    }

    /** Whether it can still be given to any back end: not a byte has left yet. */
    boolean isUntouched() {
        return !passedOn;
    }

    /** Whether more may be read while there is no back end to pass it on to. */
    boolean hasRoom() {
        return heldBytes < MAX_HELD_BYTES;
    }

    /** A piece has arrived and waits here. */
    void hold(HttpContent piece) {
        received |= piece instanceof LastHttpContent;
        heldBytes += piece.content().readableBytes();
        held.add(piece);
    }

    /** A piece has arrived and goes on at once. */
    void pass(HttpContent piece, Consumer<HttpContent> backend) {
        received |= piece instanceof LastHttpContent;
        passedOn |= piece.content().isReadable();
        backend.accept(piece);
    }

    /** Passes on what has been kept; the end of an empty body as often as it is asked for. */
    void passHeld(Consumer<HttpContent> backend) {
        if (received && held.isEmpty()) {
            backend.accept(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        while (!held.isEmpty()) {
            pass(held.remove(), backend);
        }
        heldBytes = 0;
    }

    void release() {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        heldBytes = 0;
    }
}
