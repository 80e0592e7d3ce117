package dev.remora.servlet;

import dev.remora.exchange.NanoClock;
import dev.remora.pool.Backend;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a back end on non-blocking I/O, plain or in TLS. First one thread uses it and waits with {@link #await};
 * then it is handed to a {@link #listen listener}, and all that is done with it is done under the listener's lock.
 * {@link #close} and {@link #abort} may be called by anyone.
 */
final class BackendSocket implements AutoCloseable {

    private final SocketLoop loop;
    private final NanoClock clock;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Semaphore awaited = new Semaphore(0);
    private volatile @Nullable Listener listener;
    private volatile boolean aborted;
    private @Nullable TlsLayer tls;

    /** Hears of a connection, on the loop's thread. */
    interface Listener {

        /** Something that was {@linkplain #want wanted} is possible, or seems to be. */
        void ready();

        /** The connection is closed: somebody wanted that, or the loop has ended. */
        void aborted();
    }

    private BackendSocket(SocketLoop loop, NanoClock clock, SocketChannel channel) throws IOException {
        this.loop = loop;
        this.clock = clock;
        this.channel = channel;
        this.key = loop.register(channel, this);
    }

    /**
     * Opens a connection; waits for it. All addresses of a name are tried in turn. The name is looked up on this thread, for
     * as long as the system's resolver takes.
     *
     * @param deadlineNanos for the connection and the handshake of TLS together
     */
    static BackendSocket connect(
            SocketLoop loop, NanoClock clock, Backend backend, SSLContext context, long deadlineNanos)
            throws IOException {
        IOException failure = new ConnectException("no address");
        for (InetAddress address : InetAddress.getAllByName(backend.host())) {
            BackendSocket socket = open(loop, clock);
            try {
                socket.connect(new InetSocketAddress(address, backend.port()), deadlineNanos);
                if (backend.secure()) {
                    socket.secure(context, backend, deadlineNanos);
                }
                return socket;
            } catch (InterruptedIOException e) {
                socket.close();
                throw e;
            } catch (IOException e) {
                socket.close();
                failure = e;
            }
        }
        throw failure;
    }

    private static BackendSocket open(SocketLoop loop, NanoClock clock) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            return new BackendSocket(loop, clock, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void connect(InetSocketAddress address, long deadlineNanos) throws IOException {
        channel.connect(address);
        while (!channel.finishConnect()) {
            await(SelectionKey.OP_CONNECT, deadlineNanos);
        }
    }

    private void secure(SSLContext context, Backend backend, long deadlineNanos) throws IOException {
        TlsLayer layer = new TlsLayer(channel, context, backend);
        for (int needed = layer.handshake(); needed != 0; needed = layer.handshake()) {
            await(needed, deadlineNanos);
        }
        tls = layer;
    }

    // ---- one thread that waits

    /**
     * Waits until one of these operations is possible, or seems to be.
     *
     * @throws SocketTimeoutException if that takes too long
     * @throws ClosedChannelException if it is {@linkplain #abort aborted}
     */
    void await(int operations, long deadlineNanos) throws IOException {
        want(operations);
        try {
            if (!awaited.tryAcquire(deadlineNanos - clock.nanos(), TimeUnit.NANOSECONDS)) {
                throw new SocketTimeoutException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        if (aborted) {
            throw new ClosedChannelException();
        }
    }

    /** Sends all of it; waits for that. */
    void writeAll(ByteBuffer bytes, long deadlineNanos) throws IOException {
        write(bytes);
        while (bytes.hasRemaining() || !isFlushed()) {
            await(SelectionKey.OP_WRITE, deadlineNanos);
            write(bytes);
        }
    }

    /** As {@link #read}, but waits for at least one byte, or the end. */
    int readSome(ByteBuffer into, long deadlineNanos) throws IOException {
        int count = read(into);
        while (count == 0) {
            await(SelectionKey.OP_READ, deadlineNanos);
            count = read(into);
        }
        return count;
    }

    /** Ends it under the thread that waits, or the listener. */
    void abort() {
        endWaiting();
        Listener listening = listener;
        if (listening != null) {
            loop.execute(listening::aborted);
        }
    }

    private void endWaiting() {
        aborted = true;
        close();
        awaited.release();
    }

    /** Whether that has happened, or the loop has ended. */
    boolean isAborted() {
        return aborted;
    }

    // ---- a listener

    /** Hands it over: from now on nobody waits. */
    void listen(Listener newListener) {
        listener = newListener;
    }

    /** Waits for these operations, and no others, in the background. */
    void want(int operations) {
        loop.want(key, operations);
    }

    /** Does something soon, on the loop's thread, when others have had their turn. */
    void later(Runnable step) {
        loop.execute(step);
    }

    void ready() {
        Listener listening = listener;
        if (listening == null) {
            awaited.release();
        } else {
            listening.ready();
        }
    }

    void loopEnded() {
        endWaiting();
        Listener listening = listener;
        if (listening != null) {
            listening.aborted();
        }
    }

    // ---- bytes

    /** Reads what is there: how many bytes; 0 when there are none now, -1 at the end. */
    int read(ByteBuffer into) throws IOException {
        return tls == null ? channel.read(into) : tls.read(into);
    }

    /** Sends as much as the socket takes. */
    void write(ByteBuffer from) throws IOException {
        if (tls == null) {
            channel.write(from);
        } else {
            tls.write(from);
        }
    }

    /** Whether all that was taken is with the system. */
    boolean isFlushed() {
        return tls == null || tls.isFlushed();
    }

    /** Whether one half can be closed alone. */
    boolean hasHalves() {
        return tls == null;
    }

    /** Ends what is sent, if it {@linkplain #hasHalves has halves}. */
    void shutOutput() throws IOException {
        if (tls == null) {
            channel.shutdownOutput();
        }
    }

    /** Closes, over TLS without a goodbye. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone either way.
        }
        loop.forget();
    }

    /** Closes, over TLS with a goodbye. */
    void closeProperly() {
        try {
            if (tls != null) {
                tls.close();
            }
        } catch (IOException e) {
            // Then without.
        }
        close();
    }
}
