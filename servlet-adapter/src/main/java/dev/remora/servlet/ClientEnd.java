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
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a {@link Tunnel}, on the non-blocking streams of an upgraded connection. Everything but the container's
 * calls happens under the tunnel's lock, and so does what those do.
 *
 * <p>Containers differ. Tomcat wants to be read, and to be left, on its own threads only; it asks again and again for bytes
 * that it was not yet asked to hand out; and the end of the client's half is the end of the connection to it. Undertow writes
 * arrays from their first byte to their last whatever it is told, and reports a broken connection for ever, until that throws.
 */
final class ClientEnd implements ReadListener, WriteListener {

    // As much as Tomcat holds, so that none is left there.
    private static final int READ_BYTES = 8 * 1024;
    // How many pieces are read before others have their turn.
    private static final int STEPS = 16;
    private static final int MOST_ERRORS = 3;
    // How long a container waits that asks again for bytes that nobody can take yet.
    private static final Duration ASKED_AGAIN = Duration.ofMillis(5);

    private final Tunnel tunnel;
    private final boolean secure;
    private final ServletInputStream in;
    private final ServletOutputStream out;
    private final @Nullable TomcatDispatch tomcat;
    // Whether the container has called and not said "not ready" since.
    private boolean writable;
    private boolean unflushed;
    private boolean paused;
    private boolean outputEnding;
    private boolean outputEnded;
    private boolean finishing;
    private boolean inputEnded;
    private boolean failed;
    private boolean closed;
    private boolean onContainersThread;
    private int errors;

    /** @param secure whether the connection is in TLS, where no half can be closed alone */
    ClientEnd(Tunnel tunnel, WebConnection connection, boolean secure) throws IOException {
        this.tunnel = tunnel;
        this.secure = secure;
        this.in = connection.getInputStream();
        this.out = connection.getOutputStream();
        this.tomcat = TomcatDispatch.isNeeded(out) ? TomcatDispatch.of(out) : null;
    }

    void begin() {
        out.setWriteListener(this);
        in.setReadListener(this);
    }

    // ---- what the container calls

    @Override
    public void onDataAvailable() {
        if (tomcat != null && isPaused()) {
            tunnel.awaitRoom(ASKED_AGAIN);
        }
        readOn();
    }

    private boolean isPaused() {
        return tunnel.locked(() -> paused);
    }

    @Override
    public void onAllDataRead() {
        called(this::endInput);
    }

    @Override
    public void onWritePossible() {
        called(() -> {
            writable = true;
            progress();
            tunnel.clientTakes();
        });
        if (tomcat != null) {
            readOn();
        }
    }

    @Override
    public void onError(Throwable failure) {
        called(() -> {
            errors++;
            if (errors > MOST_ERRORS && tomcat == null) {
                throw new IllegalStateException("this container has told of a broken connection before");
            }
            inputEnded |= failure instanceof EOFException;
            failed |= !inputEnded;
            close();
        });
    }

    private void called(Runnable step) {
        tunnel.locked(() -> {
            onContainersThread = true;
            try {
                step.run();
            } finally {
                onContainersThread = false;
            }
            return true;
        });
    }

    // ---- from the client

    // The lock is free between two steps: others wait for it.
    private void readOn() {
        byte[] buffer = new byte[READ_BYTES];
        for (int step = 0; step < STEPS; step++) {
            if (!tunnel.locked(() -> readStep(buffer))) {
                return;
            }
        }
        tunnel.locked(() -> paused = true);
        resume();
    }

    private boolean readStep(byte[] buffer) {
        if (inputEnded || closed) {
            return false;
        }
        paused = !tunnel.hasRoomForClient();
        if (paused) {
            return false;
        }
        onContainersThread = true;
        try {
            int count = in.isReady() ? in.read(buffer) : 0;
            if (count > 0) {
                tunnel.fromClient(buffer, count);
            } else if (count < 0 || in.isFinished()) {
                endInput();
            }
            return count > 0;
        } catch (IOException | IllegalStateException e) {
            fail();
            return false;
        } finally {
            onContainersThread = false;
        }
    }

    private void endInput() {
        if (!inputEnded && !closed) {
            inputEnded = true;
            tunnel.clientEnded();
        }
    }

    /** There is room again: whatever was left unread is read now, on a thread that may. */
    void resumeIfPaused() {
        if (paused) {
            resume();
        }
    }

    private void resume() {
        if (tomcat == null) {
            tunnel.later(() -> {
                if (tunnel.locked(() -> paused)) {
                    readOn();
                }
            });
        } else {
            tomcat.request();
        }
    }

    // ---- towards the client

    /** Whether the container takes more; if not, it will call. */
    boolean takes() {
        writable = writable && !closed && !outputEnded && out.isReady();
        return writable;
    }

    /** Writes; only when the container {@linkplain #takes takes} it. */
    void write(byte[] bytes) {
        unflushed = true;
        attempt(() -> out.write(bytes));
    }

    /** Sends what was written; what waits for that is done as soon as it can be. */
    void progress() {
        if (closed) {
            return;
        }
        tunnel.writeLastWords();
        if (unflushed && takes()) {
            unflushed = false;
            attempt(out::flush);
        }
        if (!unflushed && takes()) {
            tunnel.allWritten();
            if (outputEnding && !finishing) {
                outputEnded = true;
                attempt(out::close);
            }
        }
        if (finishing && !closed && !unflushed && (outputEnded || takes())) {
            leave();
        }
    }

    private void leave() {
        if (tomcat == null || onContainersThread) {
            close();
        } else {
            tomcat.request();
        }
    }

    /** Ends what is sent to the client as soon as all of it is sent; only if the connection {@linkplain #hasHalves has halves}. */
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
        return tomcat == null && !secure;
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

    // What a container throws of a connection that it has closed meanwhile is no news either.
    private void attempt(ServletExchange.Transfer transfer) {
        try {
            transfer.run();
        } catch (IOException | IllegalStateException e) {
            fail();
        }
    }

    private void fail() {
        failed = true;
        close();
    }

    /** Closes now. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        close(out);
        close(in);
        if (tomcat != null && !onContainersThread) {
            tomcat.request();
        }
        tunnel.clientClosed();
    }

    private static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException | IllegalStateException e) {
            // It is gone either way.
        }
    }
}
