package dev.remora.file;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Back ends that a file lists, in YAML or JSON; the file is watched, and a changed list is pushed when it is good.
 *
 * <pre>{@code
 * backends:
 *   - id: lobe1
 *     uri: http://10.0.0.1:3210
 *   - id: lobe2
 *     uri: http://10.0.0.2:3210
 *     weight: 2               # the rest may be left out
 *     maxStreams: 200
 *     draining: false
 *     zone: eu-1
 *     metadata: {model: large}
 * }</pre>
 *
 * <p>Every property is as {@link Backend} describes it; one that is not known is an error. {@code backends: []} empties
 * the pool. A file is taken whole or not at all: a bad one, a missing one and one of more than 2 MiB keep the list before,
 * and the log says what is wrong on which line. Anchors are allowed in YAML, aliases are not.
 *
 * <p>The file may be replaced or written in place, and be a symbolic link as in a mounted Kubernetes ConfigMap. It counts
 * as written when it reads the same for {@link #settle} time. Changes are noticed by the directory's events, and without
 * those (network file systems, links into other directories) by reading it again from {@link #pollEvery} time to time.
 *
 * <p>Immutable and thread-safe; each subscription has a daemon thread of its own until it is closed.
 */
public final class FileSource implements BackendSource {

    private final BackendFile file;
    private final Duration poll;
    private final Duration settle;

    private FileSource(BackendFile file, Duration poll, Duration settle) {
        this.file = file;
        this.poll = poll;
        this.settle = settle;
    }

    /**
     * A file whose form follows from its name.
     *
     * @throws IllegalArgumentException if the name does not end in {@code .yaml}, {@code .yml} or {@code .json}
     */
    public static FileSource of(Path path) {
        return new FileSource(BackendFile.of(path.toAbsolutePath()), Duration.ofSeconds(5), Duration.ofMillis(100));
    }

    /** A copy that reads the file at least so often, 10 ms to 1 day; 5 seconds by default. */
    public FileSource pollEvery(Duration interval) {
        return new FileSource(file, checked("poll", interval), settle);
    }

    /** A copy that takes a file when it has not changed for so long, 10 ms to 1 day; 100 milliseconds by default. */
    public FileSource settle(Duration duration) {
        return new FileSource(file, poll, checked("settle", duration));
    }

    /**
     * Reads the file and begins to watch it.
     *
     * @throws IllegalArgumentException if it cannot be read or is bad now, with everything that is wrong
     */
    @Override
    public Subscription subscribe(Consumer<List<Backend>> receiver) {
        FileFollower follower = FileFollower.begin(file, receiver);
        FileWatch watch = new FileWatch(file.path(), follower, poll, settle);
        watch.start();
        return watch;
    }

    @Override
    public String toString() {
        return "file " + file.path();
    }

    private static Duration checked(String name, Duration duration) {
        if (duration.compareTo(Duration.ofMillis(10)) < 0 || duration.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(name + ": " + duration + " (expected: PT0.01S to PT24H)");
        }
        return duration;
    }
}
