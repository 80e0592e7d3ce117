package dev.remora.servlet;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The back end's end of a {@link Tunnel}: what waits to be sent to it, and how much may be read. Used under the tunnel's lock;
 * {@link #read} on the loop's thread.
 */
final class BackendEnd {

    private final TunnelEnd end;
    private final BackendSocket socket;
    private final Deque<ByteBuffer> pending = new ArrayDeque<>(2);
    private boolean shutting;
    private boolean finishing;
    private boolean inputEnded;
    private boolean failed;
    private boolean closed;

    BackendEnd(TunnelEnd end, BackendSocket socket) {
        this.end = end;
        this.socket = socket;
    }

    /** Whether more can be sent without being kept here. */
    boolean hasRoom() {
        return closed || (pending.isEmpty() && socket.isFlushed());
    }

    /** Sends; what the socket does not take is copied. */
    void send(ByteBuffer bytes) {
        if (closed || shutting) {
            return;
        }
        attempt(() -> {
            if (hasRoom()) {
                socket.write(bytes);
            }
            if (bytes.hasRemaining()) {
                pending.add(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
            }
        });
    }

    /** Sends on, and does what waits for that. */
    void progress() {
        attempt(() -> {
            while (!closed && !pending.isEmpty()) {
                socket.write(pending.element());
                if (pending.element().hasRemaining()) {
                    return;
                }
                pending.remove();
            }
            if (!closed && !socket.isFlushed()) {
                socket.write(ByteBuffer.allocate(0));
            }
        });
        if (closed || !hasRoom()) {
            return;
        }
        if (finishing) {
            close();
        } else if (shutting) {
            attempt(socket::shutOutput);
        }
    }

    /** Waits for what is of use now. */
    void listen(boolean reading) {
        if (!closed) {
            int read = reading && !inputEnded ? SelectionKey.OP_READ : 0;
            int write = hasRoom() ? 0 : SelectionKey.OP_WRITE;
            socket.want(read | write);
        }
    }

    /** Reads what is there: how many bytes; 0 when there are none now, or no more will come. */
    int read(ByteBuffer into) {
        if (closed || inputEnded) {
            return 0;
        }
        int[] count = new int[1];
        attempt(() -> count[0] = socket.read(into));
        if (count[0] < 0) {
            inputEnded = true;
            end.backendEnded();
        }
        return Math.max(0, count[0]);
    }

    /** Ends what is sent as soon as all of it is sent; only if the connection {@linkplain #hasHalves has halves}. */
    void shutOutput() {
        shutting = true;
        progress();
    }

    /** Closes as soon as all is sent. */
    void finish() {
        finishing = true;
        progress();
    }

    boolean hasHalves() {
        return socket.hasHalves();
    }

    boolean isInputEnded() {
        return inputEnded;
    }

    /** How its stream ended, if it has: cut from here, broken, or well. */
    Outcome outcome() {
        if (socket.isAborted()) {
            return Outcome.cancelled();
        }
        return failed ? Outcome.failure(FailureKind.TRUNCATED) : Outcome.success();
    }

    boolean isClosed() {
        return closed;
    }

    private void attempt(ServletExchange.Transfer transfer) {
        try {
            transfer.run();
        } catch (IOException e) {
            failed = true;
            close();
        }
    }

    /** Closes now. */
    void close() {
        if (!closed) {
            closed = true;
            pending.clear();
            socket.closeProperly();
            end.backendClosed();
        }
    }
}
