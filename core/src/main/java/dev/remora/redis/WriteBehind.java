package dev.remora.redis;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the store is to be told when it is there again: one entry for each key, and no more than a cap. When that is
 * reached touches go first, then the oldest bindings; both are counted. Thread-safe; no foreign code runs under its lock.
 */
final class WriteBehind {

    private final int capacity;
    private final Map<AffinityKey, Presumption> presumptions = new LinkedHashMap<>();
    private final Map<AffinityKey, Boolean> touches = new LinkedHashMap<>();
    private long droppedBinds;
    private long droppedTouches;

    WriteBehind(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("max pending: " + capacity + " (expected: >= 1)");
        }
        this.capacity = capacity;
    }

    /**
     * A binding that the store does not know yet.
     *
     * @param replaces the fence that it may replace in the store, as text; see {@link TieScript#REPLACES_NOTHING}
     * @param vouch holds until the store has been told, or the entry was dropped
     */
    record Presumption(AffinityKey key, BackendId backend, String replaces, long fence, Vouch vouch) {}

    /** Adds a binding; a key that waits already keeps its place, and the fence that it replaces. */
    synchronized Presumption presume(AffinityKey key, BackendId backend, String replaces, long fence) {
        touches.remove(key);
        Presumption before = presumptions.get(key);
        String first = before == null ? replaces : before.replaces();
        Presumption added = new Presumption(key, backend, first, fence, new Vouch());
        if (before != null) {
            before.vouch().end();
        } else {
            makeRoom();
        }
        presumptions.put(key, added);
        return added;
    }

    /** Adds that a session is in use, unless there is no room. */
    synchronized void touch(AffinityKey key) {
        if (presumptions.containsKey(key) || touches.containsKey(key)) {
            return;
        }
        if (size() < capacity) {
            touches.put(key, Boolean.TRUE);
        } else {
            droppedTouches++;
        }
    }

    private void makeRoom() {
        if (size() < capacity) {
            return;
        }
        if (!touches.isEmpty()) {
            removeFirst(touches);
            droppedTouches++;
        } else {
            removeFirst(presumptions).vouch().end();
            droppedBinds++;
        }
    }

    private static <V> V removeFirst(Map<AffinityKey, V> map) {
        Iterator<V> first = map.values().iterator();
        V value = first.next();
        first.remove();
        return value;
    }

    /** The next bindings to tell, at most so many. They stay until they are {@link #told}, behind the others. */
    synchronized List<Presumption> nextPresumptions(int most) {
        List<Presumption> next = new ArrayList<>(Math.min(most, presumptions.size()));
        Iterator<Presumption> all = presumptions.values().iterator();
        while (all.hasNext() && next.size() < most) {
            next.add(all.next());
            all.remove();
        }
        next.forEach(one -> presumptions.put(one.key(), one));
        return next;
    }

    /** The next touches, at most so many; they are not kept. */
    synchronized List<AffinityKey> nextTouches(int most) {
        List<AffinityKey> next = new ArrayList<>(Math.min(most, touches.size()));
        while (!touches.isEmpty() && next.size() < most) {
            AffinityKey key = touches.keySet().iterator().next();
            touches.remove(key);
            next.add(key);
        }
        return next;
    }

    /**
     * The store has been told of a binding.
     *
     * @return whether it was still to be told: not when another one has taken its place, or it was dropped
     */
    synchronized boolean told(Presumption which) {
        boolean removed = presumptions.remove(which.key(), which);
        which.vouch().end();
        return removed;
    }

    /**
     * The store has taken a binding that another one has replaced here meanwhile: that one replaces it there, too.
     *
     * @param fence of the binding that was taken
     */
    synchronized void follow(Presumption taken, long fence) {
        Presumption next = presumptions.get(taken.key());
        if (next != null && next.replaces().equals(taken.replaces())) {
            presumptions.replace(
                    next.key(),
                    new Presumption(next.key(), next.backend(), Long.toString(fence), next.fence(), next.vouch()));
        }
    }

    @Nullable
    synchronized Presumption find(AffinityKey key) {
        return presumptions.get(key);
    }

    synchronized int size() {
        return presumptions.size() + touches.size();
    }

    synchronized boolean isEmpty() {
        return presumptions.isEmpty() && touches.isEmpty();
    }

    synchronized long droppedBinds() {
        return droppedBinds;
    }

    synchronized long droppedTouches() {
        return droppedTouches;
    }
}
