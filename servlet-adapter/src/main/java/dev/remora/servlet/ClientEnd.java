package dev.remora.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.WebConnection;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;

/**
 * The client's end of a {@link Tunnel}, on the non-blocking streams of an upgraded connection. Everything happens under the
 * tunnel's lock. It is read and closed in {@linkplain ContainerTurn turns} of the container's only, which are its calls, and
 * those asked for; it is written to by anybody who has been told that it takes something.
 *
 * <p>Containers differ. Tomcat calls again and again for bytes that were not taken, and the end of the client's half is the end
 * of the connection to it. Undertow writes arrays from their first byte to their last, whatever it is told; it reports a broken
 * connection again and again until that throws; and it loses what the client sends last when the other half has ended before.
 */
final class ClientEnd implements ReadListener, WriteListener {

    // As much as Tomcat holds, so that none is left there.
    private static final int READ_BYTES = 8 * 1024;
    // How many pieces are read before others have their turn.
    private static final int STEPS = 16;
    private static final int MOST_ERRORS = 3;
    // How long Tomcat waits that calls again for bytes that nobody can take yet.
    private static final Duration CALLED_AGAIN = Duration.ofMillis(5);

    private final Tunnel tunnel;
    private final TunnelEnd end;
    private final boolean secure;
    private final ServletInputStream in;
    private final ServletOutputStream out;
    private final ContainerTurn turn;
    // Whether the container has called and not said "not ready" since.
    private boolean writable;
    private boolean unflushed;
    // Whether bytes may be there that were not read.
    private boolean paused;
    private boolean outputEnding;
    private boolean outputEnded;
    private boolean finishing;
    private boolean inputEnded;
    private boolean failed;
    private boolean closed;
    private boolean closing;
    private boolean moreToRead;
    // How many of the container's calls are being served, one within the other.
    private int turns;
    private int errors;

    /** @param secure whether the connection is in TLS, where no half can be closed alone */
    ClientEnd(Tunnel tunnel, TunnelEnd end, WebConnection connection, boolean secure) throws IOException {
        this.tunnel = tunnel;
        this.end = end;
        this.secure = secure;
        this.in = connection.getInputStream();
        this.out = connection.getOutputStream();
        this.turn = ContainerTurn.of(out, this::turnGiven, tunnel::later);
    }

    void begin() {
        out.setWriteListener(this);
        in.setReadListener(this);
    }

    // ---- what the container calls

    @Override
    public void onDataAvailable() {
        if (turn.isTomcat() && tunnel.locked(() -> paused)) {
            tunnel.awaitRoom(CALLED_AGAIN);
        }
        turnGiven();
    }

    @Override
    public void onAllDataRead() {
        inTurn(this::endInput);
    }

    @Override
    public void onWritePossible() {
        inTurn(() -> {
            writable = true;
            progress();
            tunnel.clientTakes();
        });
        if (turn.isTomcat()) {
            turnGiven();
        }
    }

    @Override
    public void onError(Throwable failure) {
        inTurn(() -> {
            errors++;
            if (errors > MOST_ERRORS && !turn.isTomcat()) {
                throw new IllegalStateException("this container has told of a broken connection before");
            }
            inputEnded |= failure instanceof EOFException;
            failed |= !inputEnded;
            close();
        });
    }

    // The lock is free between two steps: others wait for it.
    private void turnGiven() {
        byte[] buffer = new byte[READ_BYTES];
        for (int step = 0; step < STEPS; step++) {
            inTurn(() -> moreToRead = readStep(buffer));
            if (!moreToRead) {
                return;
            }
        }
        turn.request();
    }

    // A container may call within a call.
    private void inTurn(Runnable step) {
        tunnel.locked(() -> {
            turns++;
            try {
                step.run();
                if (closing && turns == 1) {
                    closeStreams();
                }
            } finally {
                turns--;
            }
            return true;
        });
    }

    // ---- from the client

    private boolean readStep(byte[] buffer) {
        if (inputEnded || closed) {
            return false;
        }
        paused = !tunnel.hasRoomForClient();
        if (paused) {
            return false;
        }
        int count;
        try {
            count = in.isReady() ? in.read(buffer) : 0;
        } catch (IOException | RuntimeException e) {
            // Containers throw all kinds of things when a connection is gone.
            fail();
            return false;
        }
        if (count > 0) {
            tunnel.fromClient(buffer, count);
        } else if (count < 0 || in.isFinished()) {
            endInput();
        }
        return count > 0;
    }

    private void endInput() {
        if (!inputEnded && !closed) {
            inputEnded = true;
            end.clientEnded();
        }
    }

    /** There is room again: what was left unread is read in a turn. */
    void resumeIfPaused() {
        if (paused) {
            turn.request();
        }
    }

    // ---- towards the client

    /** Whether the container takes more; if not, it will call. */
    boolean takes() {
        if (writable && (closed || outputEnded)) {
            writable = false;
        } else if (writable) {
            attempt(() -> writable = out.isReady());
        }
        return writable && !closed;
    }

    /** Writes; only when the container {@linkplain #takes takes} it. */
    void write(byte[] bytes) {
        unflushed = true;
        attempt(() -> out.write(bytes));
    }

    /** Sends what was written; what waits for that is done as soon as it can be. */
    void progress() {
        end.writeLastWords();
        if (unflushed && takes()) {
            unflushed = false;
            attempt(out::flush);
        }
        if (!unflushed && takes()) {
            end.allWritten();
            if (outputEnding && !finishing) {
                outputEnded = true;
                attempt(out::close);
            }
        }
        if (finishing && !closed && !unflushed && (outputEnded || takes())) {
            close();
        }
    }

    /** Ends what is sent to the client as soon as all of it is sent; only if {@link #hasHalves}, and when nothing it says counts. */
    void shutOutput() {
        outputEnding = true;
        progress();
    }

    /** Closes as soon as all that was written is sent. */
    void finish() {
        finishing = true;
        progress();
    }

    // ---- how it ends

    /** Whether one half can be closed alone. */
    boolean hasHalves() {
        return !turn.isTomcat() && !secure;
    }

    boolean isInputEnded() {
        return inputEnded;
    }

    boolean hasFailed() {
        return failed;
    }

    boolean isClosed() {
        return closed;
    }

    private void attempt(ServletExchange.Transfer transfer) {
        try {
            transfer.run();
        } catch (IOException | RuntimeException e) {
            fail();
        }
    }

    private void fail() {
        failed = true;
        close();
    }

    /** Closes now: nothing passes any more, and the container's streams are closed in a turn. */
    void close() {
        if (!closed) {
            closed = true;
            closing = true;
            if (turns == 0) {
                turn.request();
            }
            end.clientClosed();
        }
    }

    private void closeStreams() {
        closing = false;
        close(out);
        close(in);
    }

    private static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException | RuntimeException e) {
            // It is gone either way.
        }
    }
}
