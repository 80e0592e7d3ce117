package dev.remora.servlet;

import dev.remora.pool.Backend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * TLS on a non-blocking connection to a back end, which must prove its name. A second handshake is refused: it would need
 * work that may block. Not thread-safe.
 */
final class TlsLayer {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final SSLEngine engine;
    // Filled as far as their position.
    private final ByteBuffer received;
    // Those two are read from.
    private ByteBuffer plain;
    private ByteBuffer sending;
    private boolean established;

    TlsLayer(SocketChannel channel, SSLContext context, Backend backend) throws SSLException {
        this.channel = channel;
        this.engine = context.createSSLEngine(backend.host(), backend.port());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        this.received = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                .limit(0);
        this.sending = ByteBuffer.allocate(received.capacity()).limit(0);
        engine.beginHandshake();
    }

    /**
     * Goes on with the handshake; checks of certificates run here.
     *
     * @return the operation to wait for; 0 when the handshake is over
     */
    int handshake() throws IOException {
        while (flush()) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                runTasks();
            } else if (status == HandshakeStatus.NEED_WRAP) {
                wrap(NOTHING);
            } else if (status == HandshakeStatus.NOT_HANDSHAKING) {
                established = true;
                return 0;
            } else {
                int progress = unwrap();
                if (progress < 0) {
                    throw new SSLException("closed within the handshake");
                } else if (progress == 0) {
                    return SelectionKey.OP_READ;
                }
            }
        }
        return SelectionKey.OP_WRITE;
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /**
     * Reads what is there.
     *
     * @return how many bytes; 0 when there are none now, -1 behind the other side's goodbye
     * @throws SSLException if the connection ended without one, above all
     */
    int read(ByteBuffer into) throws IOException {
        while (!plain.hasRemaining()) {
            int progress = unwrap();
            if (progress <= 0) {
                return progress;
            }
        }
        int count = Math.min(into.remaining(), plain.remaining());
        into.put(plain.slice().limit(count));
        plain.position(plain.position() + count);
        return count;
    }

    // 1 when something was understood or read, 0 when nothing is there, -1 at the end.
    private int unwrap() throws IOException {
        SSLEngineResult result = unwrapReceived();
        switch (result.getStatus()) {
            case CLOSED -> {
                return -1;
            }
            case BUFFER_OVERFLOW ->
                plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                        .limit(0);
            case BUFFER_UNDERFLOW -> {
                int count = channel.read(received);
                if (count < 0) {
                    engine.closeInbound();
                }
                return Math.max(-1, Math.min(count, 1));
            }
            case OK -> answer(result.getHandshakeStatus());
        }
        return 1;
    }

    private SSLEngineResult unwrapReceived() throws SSLException {
        received.flip();
        plain.clear();
        try {
            return engine.unwrap(received, plain);
        } finally {
            received.compact();
            plain.flip();
        }
    }

    private void answer(HandshakeStatus status) throws IOException {
        if (!established) {
            return;
        }
        if (status == HandshakeStatus.NEED_TASK) {
            throw new SSLException("the back end wants a second handshake");
        } else if (status == HandshakeStatus.NEED_WRAP && flush()) {
            wrap(NOTHING);
            flush();
        }
    }

    /** Sends as much as the socket takes; what is taken from the buffer may still wait for {@link #flush}. */
    void write(ByteBuffer from) throws IOException {
        while (from.hasRemaining() && flush()) {
            wrap(from);
        }
        flush();
    }

    /** Whether nothing waits to be sent any more. */
    boolean flush() throws IOException {
        if (sending.hasRemaining()) {
            channel.write(sending);
        }
        return !sending.hasRemaining();
    }

    boolean isFlushed() {
        return !sending.hasRemaining();
    }

    private void wrap(ByteBuffer from) throws IOException {
        sending.clear();
        SSLEngineResult result;
        try {
            result = engine.wrap(from, sending);
        } finally {
            sending.flip();
        }
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
            sending = ByteBuffer.allocate(engine.getSession().getPacketBufferSize())
                    .limit(0);
        } else if (result.getStatus() == SSLEngineResult.Status.CLOSED && from.hasRemaining()) {
            throw new SSLException("closed");
        }
    }

    /** Says goodbye, if the socket takes it. */
    void close() throws IOException {
        engine.closeOutbound();
        if (flush()) {
            wrap(NOTHING);
            flush();
        }
    }
}
