package dev.remora.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * An upgraded connection in Jetty, by the way that Jetty's own WebSockets take. The upgrade that its servlets have ends the
 * client's half at once when the request had no body, as no WebSocket handshake has, and takes what the client sends then for
 * its next request (12.1.14).
 *
 * <p>It is for {@link ClientEnd}: its streams are not for blocking use, and it is the handler's to say how long the connection
 * may idle.
 */
final class JettyConnection extends AbstractConnection implements Connection.UpgradeTo, WebConnection {

    private static final int READ_BYTES = 8 * 1024;

    private final HttpUpgradeHandler handler;
    private final Input input = new Input();
    private final Output output = new Output();

    private JettyConnection(EndPoint endPoint, Executor executor, HttpUpgradeHandler handler) {
        super(endPoint, executor);
        this.handler = handler;
    }

    /** When the response, a 101, is complete, the connection is the handler's. */
    static void upgrade(HttpServletRequest request, HttpUpgradeHandler handler) {
        Request jetty = ServletContextRequest.getServletContextRequest(request);
        EndPoint endPoint = jetty.getConnectionMetaData().getConnection().getEndPoint();
        Executor executor = jetty.getComponents().getExecutor();
        jetty.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new JettyConnection(endPoint, executor, handler));
    }

    // ---- what Jetty calls

    @Override
    public void onUpgradeTo(ByteBuffer early) {
        input.bytes = BufferUtil.copy(early);
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(0);
        handler.init(this);
    }

    @Override
    public void onFillable() {
        input.interested.set(false);
        input.tell();
    }

    @Override
    public boolean onIdleExpired(TimeoutException timeout) {
        return false;
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        super.onClose(cause);
        handler.destroy();
    }

    // ---- what the handler gets

    @Override
    public ServletInputStream getInputStream() {
        return input;
    }

    @Override
    public ServletOutputStream getOutputStream() {
        return output;
    }

    private final class Input extends ServletInputStream {

        private final AtomicBoolean interested = new AtomicBoolean();
        private ByteBuffer bytes = BufferUtil.EMPTY_BUFFER;
        private boolean ended;
        private volatile @Nullable ReadListener listener;

        @Override
        public void setReadListener(ReadListener newListener) {
            listener = newListener;
            getExecutor().execute(this::tell);
        }

        void tell() {
            ReadListener told = listener;
            if (told == null) {
                return;
            }
            try {
                told.onDataAvailable();
            } catch (IOException e) {
                told.onError(e);
            }
        }

        // Jetty tells a reset as it tells the end of the client's half, so that neither lets the other half go on.
        @Override
        public boolean isReady() {
            if (bytes.hasRemaining() || ended) {
                return !ended;
            }
            bytes = BufferUtil.allocate(READ_BYTES);
            try {
                int filled = getEndPoint().fill(bytes);
                if (filled < 0) {
                    throw new EOFException("the client has closed the connection");
                }
                if (filled == 0 && interested.compareAndSet(false, true)) {
                    fillInterested();
                }
                return filled > 0;
            } catch (IOException e) {
                ended = true;
                Objects.requireNonNull(listener).onError(e);
                return false;
            }
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(length, bytes.remaining());
            bytes.get(into, offset, count);
            if (!bytes.hasRemaining()) {
                bytes = BufferUtil.EMPTY_BUFFER;
            }
            return count;
        }

        @Override
        public int read() {
            return bytes.hasRemaining() ? bytes.get() & 0xff : -1;
        }

        @Override
        public boolean isFinished() {
            return false;
        }

        @Override
        public void close() {
            getEndPoint().close();
        }
    }

    private final class Output extends ServletOutputStream implements Callback {

        // Whether bytes are on their way, and whether somebody waits for that to end. Guarded by this.
        private boolean writing;
        private boolean awaited;
        private volatile @Nullable WriteListener listener;

        @Override
        public void setWriteListener(WriteListener newListener) {
            listener = newListener;
            getExecutor().execute(this::tell);
        }

        private void tell() {
            WriteListener told = Objects.requireNonNull(listener);
            try {
                told.onWritePossible();
            } catch (IOException e) {
                told.onError(e);
            }
        }

        @Override
        public synchronized boolean isReady() {
            awaited |= writing;
            return !writing;
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            synchronized (this) {
                writing = true;
            }
            getEndPoint().write(this, ByteBuffer.wrap(from, offset, length));
        }

        @Override
        public void write(int oneByte) {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        // What is written is sent at once.
        @Override
        public void flush() {}

        @Override
        public void succeeded() {
            boolean waiting;
            synchronized (this) {
                writing = false;
                waiting = awaited;
                awaited = false;
            }
            if (waiting) {
                tell();
            }
        }

        @Override
        public void failed(Throwable failure) {
            synchronized (this) {
                writing = false;
            }
            Objects.requireNonNull(listener).onError(failure);
        }

        @Override
        public void close() {
            getEndPoint().shutdownOutput();
        }
    }
}
