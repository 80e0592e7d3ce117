package dev.remora.servlet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that waits for the sockets of a proxy's upgraded connections: a daemon, started with the first of them, ended
 * by {@link #close}. What it runs must not block. Thread-safe.
 */
final class SocketLoop implements Executor, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SocketLoop.class);

    /** Enough for a whole record of TLS. */
    private static final int SCRATCH_BYTES = 32 * 1024;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    // Both written once, under the monitor, before anything can be waited for.
    private volatile @Nullable Selector selector;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;
    private volatile boolean over;
    private @Nullable ByteBuffer scratch;

    /** Lets a socket be waited for; at first for nothing. */
    synchronized SelectionKey register(SocketChannel channel, BackendSocket socket) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        Selector opened = selector;
        if (opened == null) {
            opened = Selector.open();
            selector = opened;
            Thread waiting = new Thread(this::run, "remora-tunnels");
            waiting.setDaemon(true);
            thread = waiting;
            waiting.start();
        }
        return channel.register(opened, 0, socket);
    }

    /** Waits for these operations and no others; once, and then for nothing. */
    void want(SelectionKey key, int operations) {
        try {
            if (key.interestOps() != operations) {
                key.interestOps(operations);
                wakeUnlessHere();
            }
        } catch (CancelledKeyException e) {
            // Closed meanwhile: whoever closed it knows.
        }
    }

    /** Runs something on the loop's thread, soon; never before it returns. When the loop is over, it runs here and now. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        Selector waiting = selector;
        if (over) {
            runTasks();
        } else if (waiting != null) {
            waiting.wakeup();
        }
    }

    /** An empty buffer for what is read and handed on at once. For the loop's thread only. */
    ByteBuffer scratch() {
        ByteBuffer buffer = scratch;
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(SCRATCH_BYTES);
            scratch = buffer;
        }
        return buffer.clear();
    }

    /** A socket was closed: the system closes it only when the loop has let go of it. */
    void forget() {
        wakeUnlessHere();
    }

    private void wakeUnlessHere() {
        Selector waiting = selector;
        if (waiting != null && Thread.currentThread() != thread) {
            waiting.wakeup();
        }
    }

    private void run() {
        Selector waiting = selector;
        if (waiting == null) {
            return;
        }
        try {
            while (!closed) {
                waiting.select(SocketLoop::ready);
                runTasks();
            }
        } catch (IOException | RuntimeException e) {
            log.error("tunnels can be served no more", e);
        } finally {
            end(waiting);
        }
    }

    private void end(Selector waiting) {
        close();
        List.copyOf(waiting.keys()).forEach(key -> guarded(((BackendSocket) key.attachment())::loopEnded));
        over = true;
        runTasks();
        try {
            waiting.close();
        } catch (IOException e) {
            log.debug("a selector cannot be closed: {}", e.toString());
        }
    }

    private static void ready(SelectionKey key) {
        guarded(() -> {
            try {
                key.interestOpsAnd(~key.readyOps());
                ((BackendSocket) key.attachment()).ready();
            } catch (CancelledKeyException e) {
                // Closed meanwhile.
            }
        });
    }

    // Those that are there now: one that comes back lets the sockets have their turn.
    private void runTasks() {
        Queue<Runnable> due = new ArrayDeque<>();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            due.add(task);
        }
        due.forEach(SocketLoop::guarded);
    }

    private static void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            log.warn("a tunnel failed", e);
        }
    }

    /** Ends the thread, and all sockets with it. */
    @Override
    public synchronized void close() {
        closed = true;
        wakeUnlessHere();
    }
}
