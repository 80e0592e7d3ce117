package dev.remora.netty;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;

/** Brings what others say to the event loop that a connection belongs to. */
final class EventLoops {

    private EventLoops() {}

    /**
     * Runs a task on the event loop, later.
     *
     * @return whether it will run; not when the loop is gone, and with it all connections
     */
    static boolean execute(EventLoop loop, Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
