package dev.remora.netty;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.http.CloseFrame;
import dev.remora.http.WebSocketFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Both directions of a WebSocket. Frames pass unchanged and whole messages of the back end are counted, until a goodbye is
 * asked for. Then the client gets a close frame behind the message that has begun, and nothing after it; the back end gets
 * one behind the client's frame; and what the client still sends is only watched for its answer.
 *
 * <p>Who closes without us is not disturbed. Bytes that are no frames pass too, but then nobody knows where a close frame
 * could stand, and none is sent.
 */
final class WebSocketRelay {

    private final Tunnel tunnel;
    private final Lease lease;
    private final RandomGenerator random;
    private final WebSocketFrames backendFrames;
    private final WebSocketFrames clientFrames;
    private @Nullable CloseFrame goodbye;
    // Whether a goodbye is to be said between two messages, if the wish lasts until then.
    private boolean asked;
    private boolean clientTold;
    private boolean backendTold;

    /**
     * Begins with the first byte behind the handshake.
     *
     * @param extended whether an extension was agreed on
     */
    WebSocketRelay(Tunnel tunnel, Lease lease, RandomGenerator random, boolean extended) {
        this.tunnel = tunnel;
        this.lease = lease;
        this.random = random;
        this.backendFrames = new WebSocketFrames(false, extended);
        this.clientFrames = new WebSocketFrames(true, extended);
    }

    /** Whether the client has been sent a goodbye of ours. */
    boolean isClientTold() {
        return clientTold;
    }

    /** Says goodbye as soon as no message is broken by it. */
    void sayGoodbye(EndRequest wish) {
        asked = true;
        if (backendFrames.isBetweenMessages()) {
            tellClient(wish);
        }
    }

    /** Says goodbye now, between two frames of a message if need be; where that is not possible, not at all. */
    void sayGoodbyeNow(EndRequest wish) {
        if (backendFrames.isBetweenFrames()) {
            tellClient(wish);
        }
    }

    private static CloseFrame closeFrame(EndRequest wish) {
        return new CloseFrame(wish.closeCode(), wish.reason().name().toLowerCase(Locale.ROOT));
    }

    void fromBackend(ByteBuf bytes, ChannelHandlerContext client) {
        if (clientTold) {
            bytes.release();
            return;
        }
        EndRequest wish = asked && mayTellClient() ? tunnel.endWish() : null;
        asked = wish != null;
        int start = bytes.readerIndex();
        int at = start;
        do {
            at = toFrameEnd(backendFrames, bytes, at, lease);
        } while (at < bytes.writerIndex() && (wish == null || !backendFrames.isBetweenMessages()));
        lease.streamed(at - start);
        client.write(bytes.writerIndex(at));
        if (wish != null && backendFrames.isBetweenMessages()) {
            tellClient(wish);
        }
    }

    void fromClient(ByteBuf bytes, ChannelHandlerContext backend) {
        int at = bytes.readerIndex();
        if (backendTold) {
            watch(bytes, at);
            return;
        }
        do {
            at = toFrameEnd(clientFrames, bytes, at, null);
        } while (at < bytes.writerIndex() && !(clientTold && clientFrames.isBetweenFrames()));
        if (at == bytes.writerIndex()) {
            backend.write(bytes);
            tellBackend();
            answered();
        } else {
            backend.write(bytes.retainedSlice(bytes.readerIndex(), at - bytes.readerIndex()));
            tellBackend();
            watch(bytes, at);
        }
    }

    // Only the client's close frame matters now.
    private void watch(ByteBuf bytes, int from) {
        int at = from;
        while (at < bytes.writerIndex()) {
            at = toFrameEnd(clientFrames, bytes, at, null);
        }
        bytes.release();
        answered();
    }

    private void answered() {
        if (clientTold && clientFrames.isClosed()) {
            tunnel.goodbyeAnswered();
        }
    }

    /** Scans up to the end of a frame, or all there is. */
    private static int toFrameEnd(WebSocketFrames frames, ByteBuf bytes, int from, @Nullable Lease counting) {
        int at = from;
        int end = bytes.writerIndex();
        while (at < end) {
            if (frames.isClosed() || frames.isInvalid()) {
                return end;
            }
            int payload = (int) Math.min(frames.payloadLeft(), end - at);
            boolean ended = payload > 0 ? frames.skip(payload) : frames.next(bytes.getByte(at));
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
        CloseFrame close = closeFrame(wish);
        goodbye = close;
        clientTold = true;
        tunnel.client()
                .writeAndFlush(Unpooled.wrappedBuffer(close.unmasked()))
                .addListener(flushed -> tunnel.goodbyeSaid());
        tellBackend();
    }

    private void tellBackend() {
        CloseFrame close = goodbye;
        if (close != null && clientTold && clientFrames.isBetweenFrames()) {
            backendTold = true;
            tunnel.backend().writeAndFlush(Unpooled.wrappedBuffer(close.masked(random.nextInt())));
        }
    }
}
