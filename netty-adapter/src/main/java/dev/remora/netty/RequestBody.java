package dev.remora.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The body of a request between client and back end. What arrives before a back end is connected is kept, up to a bound;
 * the rest stays in the socket. It is passed on once; as long as what has been passed on stays within a second bound, a
 * copy is kept, so that it can be passed on again.
 *
 * <p>Somebody may want to see its beginning first: until there is enough of it, all that arrives is gathered in one piece.
 */
final class RequestBody {

    private static final int MAX_HELD_BYTES = 64 * 1024;
    // A small piece would keep the whole buffer alive that it was read into.
    private static final int SMALL_BYTES = 1024;
    private static final int MAX_KEPT_PIECES = 1024;
    // Within the time for one piece: no client that means well is slower.
    private static final int STEADY_BYTES = 16 * 1024;

    private final int maxKeptBytes;
    private final Deque<HttpContent> held = new ArrayDeque<>(2);
    private final Deque<HttpContent> kept = new ArrayDeque<>(0);
    private boolean gathering;
    private int wantedBytes;
    private int steadyBytes;
    private int heldBytes;
    private int keptBytes;
    private boolean received;
    private boolean passedOn;
    private boolean rewound;
    private boolean lost;

    /** @param maxKeptBytes how much of what was passed on is kept; 0 for nothing */
    RequestBody(int maxKeptBytes) {
        this.maxKeptBytes = maxKeptBytes;
        this.lost = maxKeptBytes == 0;
    }

    /** Whether the client has sent all of it. */
    boolean isReceived() {
        return received;
    }

    /** Whether it, or a part, has been sent to another back end before. */
    boolean isRewound() {
        return rewound;
    }

    /** Whether it can still be given to any back end: not a byte has left yet. */
    boolean isUntouched() {
        return !passedOn;
    }

    /** Whether it can be passed on from its beginning: nothing has left yet, or all that has is kept. */
    boolean isWhole() {
        return !passedOn || !lost;
    }

    /** Whether nothing is there that could be passed on. */
    boolean isEmpty() {
        return !received && heldBytes == 0;
    }

    /** Whether more may be read while there is no back end to pass it on to. */
    boolean hasRoom() {
        return gathering ? !isGathered() : heldBytes < MAX_HELD_BYTES;
    }

    /** So much of its beginning is wanted in one piece; what is held already is a part of that. */
    void gather(int bytes, ByteBufAllocator allocator) {
        List<HttpContent> before = List.copyOf(held);
        held.clear();
        heldBytes = 0;
        gathering = true;
        wantedBytes = bytes;
        held.add(new DefaultHttpContent(allocator.buffer(Math.min(bytes, SMALL_BYTES))));
        before.forEach(this::hold);
    }

    /** Whether its beginning is wanted, and was not {@linkplain #gathered() taken}. */
    boolean isGathering() {
        return gathering;
    }

    /** Whether so much is there as is wanted, or all of the body. */
    boolean isGathered() {
        return received || heldBytes >= wantedBytes;
    }

    /** Whether so much more has arrived that the client may take time for the next: one that drips may not. */
    boolean hasGrown() {
        if (gathering && heldBytes - steadyBytes < STEADY_BYTES) {
            return false;
        }
        steadyBytes = heldBytes;
        return true;
    }

    /** What was wanted, to be read before it is passed on. What arrives from now on is held as it comes. */
    ByteBuffer gathered() {
        gathering = false;
        ByteBuf bytes = held.getFirst().content();
        return bytes.nioBuffer(bytes.readerIndex(), Math.min(wantedBytes, bytes.readableBytes()));
    }

    /** A piece has arrived and waits here. */
    void hold(HttpContent piece) {
        received |= piece instanceof LastHttpContent;
        heldBytes += piece.content().readableBytes();
        if (gathering) {
            append(piece);
        } else {
            held.add(piece);
        }
    }

    private void append(HttpContent piece) {
        held.getFirst().content().writeBytes(piece.content());
        if (piece instanceof LastHttpContent last) {
            held.add(new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, last.trailingHeaders()));
        }
        piece.release();
    }

    /** A piece has arrived and goes on at once. */
    void pass(HttpContent piece, Consumer<HttpContent> backend) {
        received |= piece instanceof LastHttpContent;
        passedOn |= piece.content().isReadable();
        if (!lost) {
            keep(piece);
        }
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

    /** Another back end is to get it: what has been passed on waits here again. */
    void rewind() {
        if (!lost) {
            rewound |= passedOn;
            heldBytes += keptBytes;
            keptBytes = 0;
            passedOn = false;
            while (!kept.isEmpty()) {
                held.addFirst(kept.removeLast());
            }
        }
    }

    /** It will not be passed on a second time. */
    void forget() {
        lost = true;
        keptBytes = 0;
        releaseAll(kept);
    }

    void release() {
        forget();
        heldBytes = 0;
        releaseAll(held);
    }

    private void keep(HttpContent piece) {
        int bytes = piece.content().readableBytes();
        if (bytes > maxKeptBytes - keptBytes || kept.size() == MAX_KEPT_PIECES) {
            forget();
            return;
        }
        keptBytes += bytes;
        kept.add(bytes <= SMALL_BYTES ? piece.copy() : piece.retainedDuplicate());
    }

    private static void releaseAll(Deque<HttpContent> pieces) {
        pieces.forEach(ReferenceCountUtil::release);
        pieces.clear();
    }
}
