package dev.remora.pool;

import java.util.List;
import java.util.function.Consumer;

/**
 * Where the list of back ends comes from: it pushes the whole list at once, and again after every change.
 *
 * <p>An own source is one class: call the receiver from any thread, one call at a time. If it may fail, it pushes through
 * a {@link LastGoodList}. There are more in {@code dev.remora.dns} and {@code dev.remora.file}.
 */
public interface BackendSource {

    /**
     * Begins to push lists; the first one before this call returns if it is known by then.
     *
     * @param receiver takes each complete list; it does not block. A balancer refuses a first list that is bad by an {@link
     *     IllegalArgumentException}, which is to be passed on to its builder; a later one it logs and ignores.
     * @return ends the pushing; closing twice is harmless
     */
    Subscription subscribe(Consumer<List<Backend>> receiver);

    /** A list that never changes. */
    static BackendSource fixed(Backend... backends) {
        return fixed(List.of(backends));
    }

    /** A list that never changes. */
    static BackendSource fixed(List<Backend> backends) {
        List<Backend> copy = List.copyOf(backends);
        return receiver -> {
            receiver.accept(copy);
            return () -> {};
        };
    }

    /** A list that the program changes while traffic runs. */
    static MutableBackends mutable(Backend... backends) {
        return new MutableBackends(List.of(backends));
    }

    /** A running push of lists. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        /** Ends the pushing; no list follows once this has returned. */
        @Override
        void close();
    }
}
