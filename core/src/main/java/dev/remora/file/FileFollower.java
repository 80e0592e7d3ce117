package dev.remora.file;

import dev.remora.pool.Backend;
import dev.remora.pool.LastGoodList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a reading of the file means: nothing, a change that may not be written to its end, or a new content.
 * Used by one thread at a time.
 */
final class FileFollower implements AutoCloseable {

    private final BackendFile file;
    private final LastGoodList list;

    // The content that was pushed or found bad, and one that was read once only.
    private Content judged;
    private @Nullable Content unsettled;

    private FileFollower(BackendFile file, LastGoodList list, Content judged) {
        this.file = file;
        this.list = list;
        this.judged = judged;
    }

    /**
     * Pushes what the file says now.
     *
     * @throws IllegalArgumentException if it is bad: an operator who starts with a bad file is standing by
     */
    static FileFollower begin(BackendFile file, Consumer<List<Backend>> receiver) {
        LastGoodList list = new LastGoodList("file " + file.path(), receiver);
        Content content = Content.of(file.path());
        try {
            list.begin(file.backends(content));
        } catch (BadFile e) {
            throw new IllegalArgumentException("file: " + file.path() + ": " + e.getMessage(), e);
        }
        return new FileFollower(file, list, content);
    }

    /**
     * Reads the file, and pushes its list if it has changed and was read the same twice.
     *
     * @return whether it is to be read again soon
     */
    boolean check() {
        Content content = Content.of(file.path());
        if (content.equals(judged)) {
            unsettled = null;
            return false;
        }
        if (!content.equals(unsettled)) {
            unsettled = content;
            return true;
        }
        judged = content;
        unsettled = null;
        try {
            list.push(file.backends(content));
        } catch (BadFile e) {
            list.fail(String.valueOf(e.getMessage()));
        }
        return false;
    }

    @Override
    public void close() {
        list.close();
    }
}
