package dev.remora.relay;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.http.CloseFrame;
import dev.remora.http.WebSocketFrames;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Both directions of a WebSocket as they pass. Frames pass unchanged and whole messages of the back end are counted, until a
 * goodbye is asked for. Then the client gets a close frame behind the message that has begun, and nothing after it; the back
 * end gets one behind the client's frame; and what the client still sends is only watched for its answer.
 *
 * <p>An adapter shows the bytes that it has read, writes as many of them as it is told, and says so:
 *
 * <pre>{@code
 * int count = relay.fromBackend(bytes);
 * write(bytes, count);
 * relay.passed();
 * }</pre>
 *
 * <p>Who closes without us is not disturbed. Bytes that are no frames pass too, but then nobody knows where a close frame
 * could stand, and none is sent. Not thread-safe: one thread at a time.
 */
public final class WebSocketRelay {

    /** The two connections, as an adapter has them. */
    public interface Ends {

        /** The wish that is in force: one that waits for the end of a message may have been taken back. */
        Optional<EndRequest> endWish();

        /** Writes a close frame to the client; nothing that the back end sends follows it. */
        void closeClient(byte[] frame);

        /** Writes a close frame to the back end; nothing that the client sends follows it. */
        void closeBackend(byte[] frame);

        /** The client has sent its close frame too, behind ours. Told once. */
        void clientAnswered();
    }

    private final Lease lease;
    private final RandomGenerator random;
    private final Ends ends;
    private final WebSocketFrames backendFrames;
    private final WebSocketFrames clientFrames;
    private @Nullable CloseFrame goodbye;
    // Whether a goodbye is to be said between two messages, if the wish lasts until then.
    private boolean asked;
    private boolean clientTold;
    private boolean backendTold;
    // What is to be done as soon as the bytes that were shown last are written.
    private @Nullable EndRequest clientIsDue;
    private boolean backendIsDue;
    private boolean answered;

    /**
     * Begins with the first byte behind the handshake.
     *
     * @param lease told of messages and bytes
     * @param random makes the masks of close frames
     * @param extended whether an extension was agreed on
     */
    public WebSocketRelay(Lease lease, RandomGenerator random, boolean extended, Ends ends) {
        this.lease = lease;
        this.random = random;
        this.ends = ends;
        this.backendFrames = new WebSocketFrames(false, extended);
        this.clientFrames = new WebSocketFrames(true, extended);
    }

    /** Whether the client has been sent a goodbye of ours. */
    public boolean isClientTold() {
        return clientTold;
    }

    /** Says goodbye as soon as no message is broken by it. */
    public void sayGoodbye(EndRequest wish) {
        asked = true;
        if (backendFrames.isBetweenMessages()) {
            tellClient(wish);
        }
    }

    /** Says goodbye now, between two frames of a message if need be; where that is not possible, not at all. */
    public void sayGoodbyeNow(EndRequest wish) {
        if (backendFrames.isBetweenFrames()) {
            tellClient(wish);
        }
    }

    /**
     * Bytes have come from the back end. They and the buffer's position are left as they are.
     *
     * @return how many go to the client; nobody needs the rest
     */
    public int fromBackend(ByteBuffer bytes) {
        if (clientTold) {
            return 0;
        }
        EndRequest wish = asked && mayTellClient() ? ends.endWish().orElse(null) : null;
        asked = wish != null;
        int at = bytes.position();
        do {
            at = toFrameEnd(backendFrames, bytes, at, lease);
        } while (at < bytes.limit() && (wish == null || !backendFrames.isBetweenMessages()));
        if (wish != null && backendFrames.isBetweenMessages()) {
            clientIsDue = wish;
        }
        int count = at - bytes.position();
        lease.streamed(count);
        return count;
    }

    /**
     * Bytes have come from the client. They and the buffer's position are left as they are.
     *
     * @return how many go to the back end; nobody needs the rest
     */
    public int fromClient(ByteBuffer bytes) {
        int at = bytes.position();
        if (!backendTold) {
            do {
                at = toFrameEnd(clientFrames, bytes, at, null);
            } while (at < bytes.limit() && !(clientTold && clientFrames.isBetweenFrames()));
            backendIsDue = clientTold && clientFrames.isBetweenFrames();
        }
        int count = at - bytes.position();
        // Of what is left only the client's close frame matters.
        while (at < bytes.limit()) {
            at = toFrameEnd(clientFrames, bytes, at, null);
        }
        return count;
    }

    /** All that was to pass of the bytes that were shown last is written. */
    public void passed() {
        EndRequest wish = clientIsDue;
        if (wish != null) {
            clientIsDue = null;
            tellClient(wish);
        }
        if (backendIsDue) {
            backendIsDue = false;
            tellBackend();
        }
        if (clientTold && clientFrames.isClosed() && !answered) {
            answered = true;
            ends.clientAnswered();
        }
    }

    /** Scans up to the end of a frame, or all there is. */
    private static int toFrameEnd(WebSocketFrames frames, ByteBuffer bytes, int from, @Nullable Lease counting) {
        int at = from;
        int end = bytes.limit();
        while (at < end) {
            if (frames.isClosed() || frames.isInvalid()) {
                return end;
            }
            int payload = (int) Math.min(frames.payloadLeft(), end - at);
            boolean ended = payload > 0 ? frames.skip(payload) : frames.next(bytes.get(at));
            at += Math.max(1, payload);
            if (ended && counting != null) {
                counting.event();
            }
            if (frames.isBetweenFrames()) {
                break;
            }
        }
        return at;
    }

    // A client that has closed waits for the back end's answer, and gets that.
    private boolean mayTellClient() {
        return !clientTold && !clientFrames.isClosed() && !clientFrames.isInvalid();
    }

    private void tellClient(EndRequest wish) {
        if (!mayTellClient()) {
            return;
        }
        goodbye = new CloseFrame(wish.closeCode(), wish.reason().name().toLowerCase(Locale.ROOT));
        clientTold = true;
        ends.closeClient(goodbye.unmasked());
        if (clientFrames.isBetweenFrames()) {
            tellBackend();
        }
    }

    private void tellBackend() {
        CloseFrame close = goodbye;
        if (close != null && !backendTold) {
            backendTold = true;
            ends.closeBackend(close.masked(random.nextInt()));
        }
    }
}
