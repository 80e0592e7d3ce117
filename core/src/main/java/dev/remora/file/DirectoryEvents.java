package dev.remora.file;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for anything to happen in a directory. Every event counts, whatever its name: editors write another file and
 * rename it, and a ConfigMap changes a link that the watched name leads through. A directory that is not there, or that
 * the system does not watch, has no events. Used by one thread.
 */
final class DirectoryEvents implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(FileSource.class);

    private final @Nullable Path directory;
    private final @Nullable WatchService service;
    private @Nullable WatchKey key;

    private DirectoryEvents(@Nullable Path directory, @Nullable WatchService service) {
        this.directory = directory;
        this.service = service;
        register();
    }

    static DirectoryEvents of(@Nullable Path directory) {
        return new DirectoryEvents(directory, directory == null ? null : service(directory));
    }

    private static @Nullable WatchService service(Path directory) {
        try {
            return directory.getFileSystem().newWatchService();
        } catch (IOException | UnsupportedOperationException e) {
            log.warn("{}: the system tells no changes of it, so it is read from time to time only: {}", directory, e);
            return null;
        }
    }

    /** Returns when something has happened, or when the time is over. */
    void await(Duration longest) throws InterruptedException {
        if (service == null) {
            boolean unused = new CountDownLatch(1).await(longest.toNanos(), TimeUnit.NANOSECONDS);
            return;
        }
        if (key == null || !key.isValid()) {
            register();
        }
        WatchKey happened = service.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
        if (happened != null) {
            happened.pollEvents();
            happened.reset();
        }
    }

    private void register() {
        if (service == null || directory == null) {
            return;
        }
        try {
            key = directory.register(service, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
        } catch (IOException e) {
            // It is gone. It is tried again after each wait.
            key = null;
        }
    }

    @Override
    public void close() {
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                log.debug("a watch could not be closed", e);
            }
        }
    }
}
