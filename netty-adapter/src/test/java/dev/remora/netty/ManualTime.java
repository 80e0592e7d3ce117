package dev.remora.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The time of event loops that serve real sockets: it stands still until a test lets it pass, so no deadline is ever
 * reached because the machine was slow.
 */
final class ManualTime implements Ticker {

    // Epoll and NIO measure how long they may sleep by the system's clock. A day before the first deadline they sleep
    // until they are woken.
    private final long start = System.nanoTime() + Duration.ofDays(1).toNanos();
    private final AtomicLong passed = new AtomicLong();
    private final List<EventLoopGroup> groups = new CopyOnWriteArrayList<>();

    EventLoopGroup loops(int threads, IoHandlerFactory handlers) {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("gateway"), handlers) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... args) {
                return new Loop(this, executor, handlers);
            }
        };
        groups.add(group);
        return group;
    }

    /** Lets the loops finish what they have begun, then lets time pass, and wakes them to see it. */
    void pass(Duration time) throws InterruptedException {
        for (EventLoopGroup group : groups) {
            for (EventExecutor loop : group) {
                loop.submit(() -> {}).sync();
            }
        }
        passed.addAndGet(time.toNanos());
        groups.forEach(group -> group.forEach(ManualTime::wake));
    }

    /** Lets the loops do all that is due, and what they ask of each other then. */
    void settle() throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            for (EventLoopGroup group : groups) {
                for (EventExecutor loop : group) {
                    CountDownLatch done = new CountDownLatch(1);
                    // Scheduled on the loop itself: only then does it queue behind all that is due.
                    loop.submit(() -> loop.schedule(done::countDown, 0, TimeUnit.NANOSECONDS));
                    done.await();
                }
            }
        }
    }

    private static void wake(EventExecutor loop) {
        try {
            loop.execute(() -> {});
        } catch (RejectedExecutionException e) {
            // The one before has ended them all.
        }
    }

    @Override
    public long initialNanoTime() {
        return start;
    }

    // No clock shows the same nanosecond for ever: a loop that ends waits for the next one.
    @Override
    public long nanoTime() {
        return passed.incrementAndGet();
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("nobody sleeps in a test");
    }

    private final class Loop extends SingleThreadIoEventLoop {

        Loop(MultiThreadIoEventLoopGroup parent, Executor executor, IoHandlerFactory handlers) {
            super(parent, executor, handlers);
        }

        @Override
        public Ticker ticker() {
            return ManualTime.this;
        }
    }
}
