package dev.remora.servlet;

import dev.remora.Lease;
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
 * An upgraded connection: bytes flow both ways until either side closes, and each side is read only as fast as the other takes.
 * A {@link TunnelEnd} knows when that is over.
 *
 * <p>Container threads bring what the client sends, the loop's thread what the back end sends, a timer what is late. One fair
 * lock orders them, so that the loop never waits for longer than one piece takes. The back end is read, and the client
 * written to, on the loop's thread.
 */
final class Tunnel implements BackendSocket.Listener {

    private static final int STEPS = 16;

    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition room = lock.newCondition();
    private final SocketLoop loop;
    private final Lease lease;
    private final BackendSocket socket;
    private final TunnelEnd end;
    private final BackendEnd backend;
    private final @Nullable WebSocketRelay webSocket;
    // What came behind the agreement.
    private ByteBuffer early;
    private @Nullable ClientEnd client;

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
        this.socket = socket;
        this.end = new TunnelEnd(this, proxy, lease, socket, extended, streamEnded);
        this.backend = end.backend();
        this.webSocket = end.webSocket();
        this.early = early;
    }

    /** Waits for the container to begin. */
    void awaitBeginning() {
        socket.listen(this);
        if (socket.isAborted()) {
            aborted();
        } else {
            locked(end::awaitBeginning);
        }
    }

    /**
     * The container has left HTTP: bytes may flow.
     *
     * @return false if the tunnel has ended before
     */
    boolean begin(WebConnection connection, boolean secure) throws IOException {
        ClientEnd beginning = new ClientEnd(this, end, connection, secure);
        boolean begun = locked(() -> {
            if (!end.isEnded()) {
                client = beginning;
                end.begin(beginning);
            }
            return !end.isEnded();
        });
        if (begun) {
            if (webSocket != null) {
                lease.markResumable();
            }
            lease.onEndRequested(wish -> later(() -> locked(() -> end.endRequested(wish))));
        }
        return begun;
    }

    // ---- whose turn it is

    void locked(Runnable step) {
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
        return end.isLeaving() || backend.hasRoom();
    }

    /** The client has sent so many bytes. */
    void fromClient(byte[] buffer, int count) {
        if (end.isLeaving()) {
            return;
        }
        end.touch();
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

    /** What still comes is thrown away. */
    void leaving() {
        room.signalAll();
        later(() -> locked(this::pump));
    }

    private void pump() {
        ClientEnd to = client;
        if (to == null) {
            return;
        }
        int steps = 0;
        boolean more = true;
        while (more && steps < STEPS && (end.isLeaving() || to.takes())) {
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
        if (!end.isLeaving()) {
            end.touch();
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

    /** Waits for what is of use now: a client that takes nothing keeps its back end waiting. */
    void listen() {
        ClientEnd to = client;
        backend.listen(to != null && (end.isLeaving() || to.takes()));
    }

    // ---- how it ends

    @Override
    public void aborted() {
        locked(end::aborted);
    }

    /** The client's connection is gone, or never begins. Containers say so also in the middle of a read: that comes first. */
    void abandon() {
        later(() -> locked(end::abandoned));
    }
}
