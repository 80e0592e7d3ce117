package dev.remora.servlet;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.exchange.Outcome;
import dev.remora.relay.WebSocketRelay;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Tunnel} ends, and what is said before. A client that ends its half ends the same half towards the back end, where
 * both connections can do that; the other half may go on, but not idle for long. A back end that ends its half ends the whole,
 * since no container can say so to the client and go on reading safely. A WebSocket can be ended politely; inside other
 * protocols nobody knows where a message ends.
 *
 * <p>Used under the tunnel's lock. The lease ends once, and both connections are closed in the end.
 */
final class TunnelEnd implements WebSocketRelay.Ends {

    private static final Duration HALF_CLOSED_IDLE = Duration.ofSeconds(60);
    // How long a side may take to read the last bytes: of the other side that is gone, and of a stream that is cut.
    private static final Duration LAST_BYTES = Duration.ofSeconds(60);
    private static final Duration CUT = Duration.ofSeconds(5);
    // How long a client may take to answer a close frame, and both to hear the last words after it.
    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    // A container may lose the client between the agreement and the tunnel, and say nothing.
    private static final Duration BEGINNING = Duration.ofSeconds(30);

    private final Tunnel tunnel;
    private final Lease lease;
    private final Duration streamIdle;
    private final StreamTimer timer;
    private final BackendEnd backend;
    private final @Nullable WebSocketRelay webSocket;
    private final Runnable streamEnded;
    private @Nullable ClientEnd client;
    private byte @Nullable [] lastWords;
    private boolean goodbyeOnItsWay;
    private boolean leaving;
    private boolean closing;
    private boolean ended;

    /**
     * The end of a tunnel that has not begun.
     *
     * @param extended whether a WebSocket has agreed on an extension; empty when it is no WebSocket
     * @param streamEnded told once, when the lease has ended
     */
    TunnelEnd(
            Tunnel tunnel,
            ProxySettings proxy,
            Lease lease,
            BackendSocket socket,
            Optional<Boolean> extended,
            Runnable streamEnded) {
        this.tunnel = tunnel;
        this.lease = lease;
        this.streamIdle = proxy.timeouts().streamIdle();
        this.timer = new StreamTimer(tunnel::locked, proxy.scheduler(), proxy.clock());
        this.backend = new BackendEnd(this, socket);
        this.webSocket = extended.map(agreed -> new WebSocketRelay(lease, proxy.random(), agreed, this))
                .orElse(null);
        this.streamEnded = streamEnded;
    }

    BackendEnd backend() {
        return backend;
    }

    @Nullable
    WebSocketRelay webSocket() {
        return webSocket;
    }

    /** The container is expected to begin. */
    void awaitBeginning() {
        timer.await(BEGINNING, this::cutOff);
    }

    /** The container begins. */
    void begin(ClientEnd beginning) {
        client = beginning;
        timer.await(streamIdle, this::cutOff);
        beginning.begin();
    }

    /** Whether the lease has ended. */
    boolean isEnded() {
        return ended;
    }

    /** Whether all is said, so that what still comes is thrown away. */
    boolean isLeaving() {
        return leaving;
    }

    /** Bytes have passed. They win no time for a client that has only to answer a goodbye. */
    void touch() {
        if (!isClientTold()) {
            timer.touch();
        }
    }

    // ---- how a WebSocket says goodbye

    private boolean isClientTold() {
        return webSocket != null && webSocket.isClientTold();
    }

    @Override
    public Optional<EndRequest> endWish() {
        return lease.endRequest();
    }

    @Override
    public void closeClient(byte[] frame) {
        lastWords = frame;
        goodbyeOnItsWay = true;
        if (client != null) {
            client.progress();
        }
    }

    @Override
    public void closeBackend(byte[] frame) {
        backend.send(ByteBuffer.wrap(frame));
        tunnel.listen();
    }

    /** Writes the goodbye, if there is one and the client takes it. */
    void writeLastWords() {
        byte[] words = lastWords;
        if (words != null && client != null && client.takes()) {
            lastWords = null;
            client.write(words);
        }
    }

    /** Everything that was written to the client is sent. */
    void allWritten() {
        if (!goodbyeOnItsWay || lastWords != null) {
            return;
        }
        goodbyeOnItsWay = false;
        if (client != null && client.isInputEnded()) {
            leave();
        } else if (!ended) {
            timer.await(ANSWER_TIME, this::leave);
        }
    }

    @Override
    public void clientAnswered() {
        leave();
    }

    /** Somebody wishes that it ends. */
    void endRequested(EndRequest wish) {
        if (ended) {
            return;
        }
        if (wish.urgency() == EndRequest.Urgency.POLITE) {
            if (webSocket != null) {
                webSocket.sayGoodbye(wish);
            }
            return;
        }
        if (webSocket != null) {
            webSocket.sayGoodbyeNow(wish);
        }
        if (isClientTold()) {
            leave();
        } else {
            cutOff();
        }
    }

    // ---- how it ends

    /** The client has ended its half. */
    void clientEnded() {
        if (!isClientTold() && haveHalves()) {
            backend.shutOutput();
        }
        halfEnded();
    }

    /** The back end has ended its half. */
    void backendEnded() {
        halfEnded();
    }

    private void halfEnded() {
        boolean clientsHalf = client != null && client.isInputEnded();
        if (leaving) {
            closeIfHeard();
        } else if (isClientTold()) {
            // The back end may go first. A client that goes answers no more.
            if (clientsHalf) {
                leave();
            }
        } else if (backend.isInputEnded() || !haveHalves()) {
            end(Outcome.success());
            close(LAST_BYTES);
        } else if (!ended) {
            timer.await(streamIdle.compareTo(HALF_CLOSED_IDLE) < 0 ? streamIdle : HALF_CLOSED_IDLE, this::cutOff);
        }
    }

    private boolean haveHalves() {
        return client != null && client.hasHalves() && backend.hasHalves();
    }

    /** The client's connection is closed. */
    void clientClosed() {
        boolean failed = client != null && client.hasFailed();
        if (isClientTold()) {
            leave();
        } else {
            end(failed ? Outcome.cancelled() : Outcome.success());
        }
        if (leaving) {
            stopIfClosed();
        } else {
            close(LAST_BYTES);
        }
    }

    /** The back end's connection is closed. */
    void backendClosed() {
        if (isClientTold()) {
            // It may go first.
            stopIfClosed();
            return;
        }
        end(backend.outcome());
        close(LAST_BYTES);
    }

    // Nobody spoke, or somebody wished it: it is nobody's fault.
    private void cutOff() {
        end(Outcome.cancelled());
        close(CUT);
    }

    /** The back end's connection was closed under it. */
    void aborted() {
        end(Outcome.cancelled());
        closeNow();
    }

    /** The client's connection is gone, or never begins. */
    void abandoned() {
        if (client == null) {
            cutOff();
        } else {
            client.close();
        }
    }

    // All is said on both sides, or never will be. What they still send is thrown away, so that they hear what was
    // said.
    private void leave() {
        if (leaving) {
            return;
        }
        leaving = true;
        end(Outcome.cancelled());
        timer.await(LAST_WORDS, this::closeNow);
        if (backend.hasHalves()) {
            backend.shutOutput();
        } else {
            backend.finish();
        }
        if (client != null && client.hasHalves()) {
            client.shutOutput();
        }
        closeIfHeard();
        tunnel.leaving();
    }

    // A client whose half cannot be closed alone would wait for the end, so it gets it.
    private void closeIfHeard() {
        if (backend.isInputEnded()) {
            backend.finish();
        }
        if (client != null && (client.isInputEnded() || !client.hasHalves())) {
            client.finish();
        }
        stopIfClosed();
    }

    private void close(Duration patience) {
        if (!closing) {
            closing = true;
            timer.await(patience, this::closeNow);
        }
        backend.finish();
        if (client != null) {
            client.finish();
        }
        tunnel.listen();
        stopIfClosed();
    }

    private void closeNow() {
        backend.close();
        if (client != null) {
            client.close();
        }
        timer.stop();
    }

    private void stopIfClosed() {
        if (backend.isClosed() && (client == null || client.isClosed())) {
            timer.stop();
        }
    }

    private void end(Outcome outcome) {
        if (!ended) {
            ended = true;
            try {
                lease.complete(outcome);
            } finally {
                streamEnded.run();
            }
        }
    }
}
