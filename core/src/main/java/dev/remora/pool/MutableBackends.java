package dev.remora.pool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A list of back ends that the program changes while traffic runs. No call waits for a balancer: it picks from the
 * changed list as soon as its pickers have been made anew, for several changes at once when they come fast, and tells
 * its listeners then. Open streams are never touched by a change. Thread-safe.
 */
public final class MutableBackends implements BackendSource {

    // Guards both fields, and the pushing itself, so that receivers see the changes in the order they were made.
    private final Object lock = new Object();
    private final Map<BackendId, Backend> backends = new LinkedHashMap<>();
    private final List<Consumer<List<Backend>>> receivers = new ArrayList<>();

    MutableBackends(List<Backend> initial) {
        for (Backend backend : initial) {
            if (backends.put(backend.id(), backend) != null) {
                throw duplicate(backend.id());
            }
        }
    }

    /**
     * Adds a back end at the end of the list.
     *
     * @throws IllegalArgumentException if its id is in the list already
     */
    public void add(Backend backend) {
        synchronized (lock) {
            if (backends.putIfAbsent(backend.id(), backend) != null) {
                throw duplicate(backend.id());
            }
            push();
        }
    }

    /**
     * Removes a back end: it gets no new streams, those that are open go on.
     *
     * @return whether it was in the list
     */
    public boolean remove(String id) {
        synchronized (lock) {
            boolean removed = backends.remove(new BackendId(id)) != null;
            if (removed) {
                push();
            }
            return removed;
        }
    }

    /**
     * Changes the weight of a back end.
     *
     * @throws IllegalArgumentException if it is not in the list or the weight is below 1
     */
    public void reweigh(String id, int weight) {
        change(id, backend -> backend.withWeight(weight));
    }

    /**
     * Lets a back end serve only clients that are bound to it already.
     *
     * @throws IllegalArgumentException if it is not in the list
     */
    public void drain(String id) {
        change(id, backend -> backend.withDraining(true));
    }

    /**
     * Takes back {@link #drain}.
     *
     * @throws IllegalArgumentException if it is not in the list
     */
    public void resume(String id) {
        change(id, backend -> backend.withDraining(false));
    }

    /** The list as it is now. */
    public List<Backend> list() {
        synchronized (lock) {
            return List.copyOf(backends.values());
        }
    }

    @Override
    public Subscription subscribe(Consumer<List<Backend>> receiver) {
        // A subscription of its own, so that the same receiver may subscribe twice and leave once.
        Consumer<List<Backend>> own = list -> receiver.accept(list);
        synchronized (lock) {
            // A receiver that refuses the list by an exception is not kept.
            own.accept(List.copyOf(backends.values()));
            receivers.add(own);
        }
        return () -> {
            synchronized (lock) {
                receivers.remove(own);
            }
        };
    }

    private void change(String id, UnaryOperator<Backend> edit) {
        BackendId key = new BackendId(id);
        synchronized (lock) {
            Backend before = backends.get(key);
            if (before == null) {
                throw new IllegalArgumentException(
                        "backend id: " + key + " (expected: one of " + backends.keySet() + ")");
            }
            Backend after = Objects.requireNonNull(edit.apply(before));
            if (!after.equals(before)) {
                backends.put(key, after);
                push();
            }
        }
    }

    private void push() {
        List<Backend> list = List.copyOf(backends.values());
        receivers.forEach(receiver -> receiver.accept(list));
    }

    private static IllegalArgumentException duplicate(BackendId id) {
        return new IllegalArgumentException("backend id: " + id + " (expected: each id once)");
    }
}
