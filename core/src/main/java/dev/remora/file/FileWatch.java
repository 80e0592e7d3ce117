package dev.remora.file;

import dev.remora.pool.BackendSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that reads a file when its directory changes, and from time to time. Closed once, it ends. */
final class FileWatch implements BackendSource.Subscription {

    private static final Logger log = LoggerFactory.getLogger(FileSource.class);

    private final FileFollower follower;
    private final Duration poll;
    private final Duration settle;
    private final DirectoryEvents events;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    FileWatch(Path path, FileFollower follower, Duration poll, Duration settle) {
        this.follower = follower;
        this.poll = poll;
        this.settle = settle;
        this.events = DirectoryEvents.of(path.getParent());
        this.thread = new Thread(this::follow, "remora-file");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void follow() {
        try (events) {
            // What changed between the first reading and the beginning of the watch is found at once.
            while (closed.getCount() > 0) {
                if (check()) {
                    boolean over = closed.await(settle.toNanos(), TimeUnit.NANOSECONDS);
                    if (over) {
                        return;
                    }
                } else {
                    events.await(poll);
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private boolean check() {
        try {
            return follower.check();
        } catch (RuntimeException e) {
            log.error("a changed file is not taken, the next change is looked at", e);
            return false;
        }
    }

    @Override
    public void close() {
        follower.close();
        closed.countDown();
        thread.interrupt();
    }
}
