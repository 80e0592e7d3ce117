package dev.remora.guard;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a small text file means. It is read again when it has changed; when that yields nothing good, the last good meaning
 * stays.
 *
 * <p>A change counts when two looks in a row find the same one: a file may be caught while it is written. Everybody may
 * read {@link #value}; one look follows the other, on a thread that is lent for it. They end when nobody holds the file
 * any more, so it need not be closed.
 */
final class FollowedFile<T> {

    private static final Logger log = LoggerFactory.getLogger(FollowedFile.class);
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    private final Path path;
    private final Function<String, T> meaning;

    private volatile T value;

    // These belong to whoever looks. A stamp is missing when the file has to be read whatever its stamp is.
    private Optional<Stamp> judged;
    private Optional<Stamp> unsettled = Optional.empty();
    private String trouble = "";

    private FollowedFile(Path path, Function<String, T> meaning) throws IOException {
        this.path = path;
        this.meaning = meaning;
        this.judged = Optional.of(Stamp.of(path));
        this.value = meaning.apply(text());
    }

    /**
     * Reads a file, and from now on once a second whether it has changed.
     *
     * @param meaning throws an {@link IllegalArgumentException}, whose message is logged, for a text that means nothing
     * @throws IllegalArgumentException if it cannot be read or means nothing now
     */
    static <T> FollowedFile<T> of(Path path, Function<String, T> meaning) {
        return of(path, meaning, CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
    }

    /**
     * The same in a time of one's own.
     *
     * @param later runs something later
     */
    static <T> FollowedFile<T> of(Path path, Function<String, T> meaning, Executor later) {
        try {
            FollowedFile<T> file = new FollowedFile<>(path.toAbsolutePath(), meaning);
            follow(new WeakReference<>(file), later);
            return file;
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("file: " + path + ": " + reason(e), e);
        }
    }

    private static void follow(WeakReference<? extends FollowedFile<?>> reference, Executor later) {
        later.execute(() -> {
            FollowedFile<?> file = reference.get();
            if (file != null) {
                try {
                    file.look();
                } finally {
                    follow(reference, later);
                }
            }
        });
    }

    T value() {
        return value;
    }

    private void look() {
        try {
            Optional<Stamp> now = Optional.of(Stamp.of(path));
            if (now.equals(judged)) {
                return;
            }
            if (!now.equals(unsettled)) {
                unsettled = now;
                return;
            }
            String text = text();
            judged = now;
            value = meaning.apply(text);
            report("");
        } catch (IOException e) {
            judged = Optional.empty();
            report(reason(e));
        } catch (RuntimeException e) {
            report(reason(e));
        }
    }

    private void report(String newTrouble) {
        if (!newTrouble.equals(trouble)) {
            trouble = newTrouble;
            if (trouble.isEmpty()) {
                log.info("{}: good again", path);
            } else {
                log.warn("{}: {}; what it said before stays in force", path, trouble);
            }
        }
    }

    private String text() throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IllegalArgumentException("it is larger than " + MAX_BYTES + " bytes");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("it is not UTF-8", e);
        }
    }

    private static String reason(Exception e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof IllegalArgumentException ? String.valueOf(e.getMessage()) : "it cannot be read: " + e;
    }

    /**
     * How a file looks from outside. The key is another one when the name leads to another file, as it does when a
     * ConfigMap of Kubernetes is replaced.
     */
    private record Stamp(FileTime modified, long size, String key) {

        static Stamp of(Path path) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            // A pipe would let the reader wait for ever.
            if (!attributes.isRegularFile()) {
                throw new IOException("it is not a file");
            }
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
        }
    }
}
