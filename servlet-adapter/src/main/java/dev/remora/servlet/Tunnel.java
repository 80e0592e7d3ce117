package dev.remora.servlet;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.relay.WebSocketRelay;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An upgraded connection: bytes flow both ways until either side closes. Each side is read only as fast as the other takes. A
 * client that ends its half ends the same half towards the back end, where both connections can do that; the other half may go
 * on, but not idle for long. A back end that ends its half ends the whole, since no container can say so to the client and go
 * on reading safely. A WebSocket can be ended politely; inside other protocols nobody knows where a message ends.
 *
 * <p>Container threads bring what the client sends, the loop's thread what the back end sends, a timer what is late. One fair
 * lock orders them, so that the loop never waits for longer than one piece takes. The back end is read, and the client
 * written to, on the loop's thread.
 */
final class Tunnel implements WebSocketRelay.Ends, BackendSocket.Listener {

    private static final Duration HALF_CLOSED_IDLE = Duration.ofSeconds(60);
    // How long a side may take to read the last bytes: of the other side that is gone, and of a stream that is cut.
    private static final Duration LAST_BYTES = Duration.ofSeconds(60);
    private static final Duration CUT = Duration.ofSeconds(5);
    // How long a client may take to answer a close frame, and both to hear the last words after it.
    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    // A container may lose the client between the agreement and the tunnel, and say nothing.
    private static final Duration BEGINNING = Duration.ofSeconds(30);
    private static final int STEPS = 16;

    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition room = lock.newCondition();
    private final SocketLoop loop;
    private final Lease lease;
    private final Duration streamIdle;
    private final StreamTimer timer;
    private final BackendSocket socket;
    private final BackendEnd backend;
    private final @Nullable WebSocketRelay webSocket;
    private final Runnable streamEnded;
    // What came behind the agreement.
    private ByteBuffer early;
    private @Nullable ClientEnd client;
    private byte @Nullable [] lastWords;
    private boolean goodbyeOnItsWay;
    private boolean leaving;
    private boolean closing;
    private boolean ended;

    /**
     * A tunnel to a back end that has agreed.
     *
     * @param extended whether a WebSocket has agreed on an extension; empty when it is no WebSocket
     * @param early what the back end has sent behind its head
     * @param streamEnded told once, when the lease has ended
     */
    Tunnel(
            ProxySettings proxy,
            SocketLoop loop,
            Lease lease,
            BackendSocket socket,
            Optional<Boolean> extended,
            ByteBuffer early,
            Runnable streamEnded) {
        this.loop = loop;
        this.lease = lease;
        this.streamIdle = proxy.timeouts().streamIdle();
        this.timer = new StreamTimer(this::locked, proxy.scheduler(), proxy.clock());
        this.socket = socket;
        this.backend = new BackendEnd(this, socket);
        this.webSocket = extended.map(agreed -> new WebSocketRelay(lease, proxy.random(), agreed, this))
                .orElse(null);
        this.early = early;
        this.streamEnded = streamEnded;
    }

    /** Waits for the container to begin. */
    void awaitBeginning() {
        socket.listen(this);
        if (socket.isAborted()) {
            aborted();
            return;
        }
        locked(() -> timer.await(BEGINNING, this::cutOff));
    }

    /**
     * The container has left HTTP: bytes may flow.
     *
     * @return false if the tunnel has ended before
     */
    boolean begin(WebConnection connection, boolean secure) throws IOException {
        ClientEnd end = new ClientEnd(this, connection, secure);
        boolean begun = locked(() -> {
            if (!ended) {
                client = end;
                timer.await(streamIdle, this::cutOff);
                end.begin();
            }
            return !ended;
        });
        if (begun) {
            if (webSocket != null) {
                lease.markResumable();
            }
            lease.onEndRequested(wish -> later(() -> locked(() -> endRequested(wish))));
        }
        return begun;
    }

    // ---- whose turn it is

    private void locked(Runnable step) {
        lock.lock();
        try {
            step.run();
        } finally {
            lock.unlock();
        }
    }

    boolean locked(BooleanSupplier step) {
        lock.lock();
        try {
            return step.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    /** Does something soon, on the loop's thread, without the lock. */
    void later(Runnable step) {
        loop.execute(step);
    }

    /** Waits on a thread of the container's until the back end takes more, but not for long. */
    void awaitRoom(Duration patience) {
        locked(() -> {
            try {
                long left = patience.toNanos();
                while (left > 0 && !hasRoomForClient()) {
                    left = room.awaitNanos(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    // ---- from the client to the back end

    /** Whether what the client sends can go on, or is thrown away. */
    boolean hasRoomForClient() {
        return leaving || backend.hasRoom();
    }

    /** The client has sent so many bytes. */
    void fromClient(byte[] buffer, int count) {
        if (leaving) {
            return;
        }
        touch();
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
        if (webSocket == null) {
            backend.send(bytes);
        } else {
            backend.send(bytes.limit(webSocket.fromClient(bytes)));
            webSocket.passed();
        }
        listen();
    }

    // ---- from the back end to the client

    @Override
    public void ready() {
        locked(() -> {
            backend.progress();
            if (hasRoomForClient()) {
                room.signalAll();
                if (client != null) {
                    client.resumeIfPaused();
                }
            }
            pump();
        });
    }

    /** The client takes more. */
    void clientTakes() {
        later(() -> locked(this::pump));
    }

    private void pump() {
        ClientEnd to = client;
        if (to == null) {
            return;
        }
        int steps = 0;
        boolean more = true;
        while (more && steps < STEPS && (leaving || to.takes())) {
            more = step(to);
            steps++;
        }
        to.progress();
        if (more && steps == STEPS) {
            clientTakes();
        } else {
            listen();
        }
    }

    private boolean step(ClientEnd to) {
        ByteBuffer bytes = early;
        if (bytes.hasRemaining()) {
            early = ByteBuffer.allocate(0);
        } else {
            bytes = loop.scratch();
            if (backend.read(bytes) == 0) {
                return false;
            }
            bytes.flip();
        }
        if (!leaving) {
            touch();
            pass(bytes, to);
        }
        return true;
    }

    private void pass(ByteBuffer bytes, ClientEnd to) {
        int count = bytes.remaining();
        if (webSocket == null) {
            lease.streamed(count);
        } else {
            count = webSocket.fromBackend(bytes);
        }
        if (count > 0) {
            byte[] passing = new byte[count];
            bytes.get(passing);
            to.write(passing);
        }
        if (webSocket != null) {
            webSocket.passed();
        }
    }

    // A client that takes nothing keeps its back end waiting.
    private void listen() {
        ClientEnd to = client;
        backend.listen(to != null && (leaving || to.takes()));
    }

    // They win no time for a client that has only to answer a goodbye.
    private void touch() {
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
        listen();
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

    private void endRequested(EndRequest wish) {
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
        end(backend.hasFailed() ? Outcome.failure(FailureKind.TRUNCATED) : Outcome.success());
        close(LAST_BYTES);
    }

    // Nobody spoke, or somebody wished it: it is nobody's fault.
    private void cutOff() {
        end(Outcome.cancelled());
        close(CUT);
    }

    @Override
    public void aborted() {
        locked(() -> {
            end(Outcome.cancelled());
            closeNow();
        });
    }

    /** The connection is gone, or never begins. Containers say so also in the middle of a read: that comes first. */
    void abandon() {
        later(() -> locked(() -> {
            if (client == null) {
                cutOff();
            } else {
                client.close();
            }
        }));
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
        room.signalAll();
        later(() -> locked(this::pump));
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
        listen();
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
