package dev.remora.netty;

import dev.remora.pool.BackendId;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections of one event loop, used on that loop only. The one that became idle last is used first, so that
 * the others can age and go. Each keeps a read pending, so that its end, or a word that nobody asked for, is seen.
 *
 * <p>A back end may close an idle connection at the very moment that a request is written to it. A request that may be
 * sent twice is then sent again on a fresh connection. One that may not (RFC 9110, section 9.2.2: a {@code POST}) would
 * be lost; it only gets a connection that was used within the last second. Servers close after some seconds of silence
 * (Node.js after five), so the race cannot occur there. The price is a new connection for a {@code POST} that comes
 * alone, small beside the answer of a chat.
 */
final class BackendPool {

    private static final long YOUNG_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SWEEP_SECONDS = 1;

    private final EventLoop loop;
    private final int maxIdle;
    private final Map<BackendKey, Deque<BackendConnection>> idle = new HashMap<>();
    private boolean sweeping;
    private boolean closed;

    BackendPool(EventLoop loop, Limits limits) {
        this.loop = loop;
        this.maxIdle = limits.maxIdleConnections();
    }

    EventLoop loop() {
        return loop;
    }

    /**
     * Closes the connection that is idle for longest.
     *
     * @param only of this back end; of any when there is none
     * @param told whether there was one; after it has gone
     */
    void closeOldest(@Nullable BackendId only, Consumer<Boolean> told) {
        BackendConnection oldest = oldest(only);
        if (oldest == null) {
            told.accept(false);
            return;
        }
        remove(oldest);
        oldest.channel().closeFuture().addListener(gone -> told.accept(true));
        oldest.close();
    }

    private @Nullable BackendConnection oldest(@Nullable BackendId only) {
        long now = now();
        BackendConnection oldest = null;
        for (Map.Entry<BackendKey, Deque<BackendConnection>> each : idle.entrySet()) {
            BackendConnection candidate = each.getValue().getFirst();
            boolean wanted = only == null || only.equals(each.getKey().id());
            if (wanted && (oldest == null || candidate.idleNanos(now) > oldest.idleNanos(now))) {
                oldest = candidate;
            }
        }
        return oldest;
    }

    /**
     * Takes a connection that can serve a request now.
     *
     * @param youngOnly whether the request may not be sent twice
     */
    @Nullable
    BackendConnection take(BackendKey key, boolean youngOnly) {
        Deque<BackendConnection> connections = idle.get(key);
        if (connections == null) {
            return null;
        }
        long now = now();
        BackendConnection taken = null;
        while (taken == null && !connections.isEmpty()) {
            BackendConnection youngest = connections.getLast();
            if (youngOnly && youngest.idleNanos(now) > YOUNG_NANOS) {
                break;
            }
            connections.removeLast();
            if (youngest.isStale(now)) {
                youngest.close();
            } else {
                taken = youngest;
            }
        }
        if (connections.isEmpty()) {
            idle.remove(key);
        }
        return taken;
    }

    /** Takes a connection back; the oldest goes when there are too many. */
    void put(BackendConnection connection) {
        if (closed || maxIdle == 0) {
            connection.close();
            return;
        }
        Deque<BackendConnection> connections = idle.computeIfAbsent(connection.key(), key -> new ArrayDeque<>());
        connection.idleSince(now());
        connections.addLast(connection);
        if (connections.size() > maxIdle) {
            connections.removeFirst().close();
        }
        connection.read();
        sweepLater();
    }

    /** Forgets a connection that ended. */
    void remove(BackendConnection connection) {
        Deque<BackendConnection> connections = idle.get(connection.key());
        if (connections != null && connections.remove(connection) && connections.isEmpty()) {
            idle.remove(connection.key());
        }
    }

    /** Closes all idle connections, and those that are given back later. */
    void close() {
        closed = true;
        List<BackendConnection> all = new ArrayList<>();
        idle.values().forEach(all::addAll);
        idle.clear();
        all.forEach(BackendConnection::close);
    }

    private void sweepLater() {
        if (!sweeping) {
            sweeping = true;
            loop.schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void sweep() {
        sweeping = false;
        long now = now();
        List<BackendConnection> stale = new ArrayList<>();
        for (Deque<BackendConnection> connections : idle.values()) {
            connections.removeIf(connection -> connection.isStale(now) && stale.add(connection));
        }
        idle.values().removeIf(Deque::isEmpty);
        stale.forEach(BackendConnection::close);
        if (!idle.isEmpty()) {
            sweepLater();
        }
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
