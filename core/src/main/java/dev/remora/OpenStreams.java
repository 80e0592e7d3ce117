package dev.remora;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The open leases whose adapters listen for the wish that they end, each with a number of its own, and those whose silence
 * is of interest. Thread-safe.
 */
final class OpenStreams {

    /** The number of a lease that has none. */
    static final Long NO_NUMBER = Long.MIN_VALUE;

    private final ConcurrentMap<StreamLease, Long> watched = new ConcurrentHashMap<>();

    /** A lease is {@linkplain StreamLease#watched watched}; one that has ended meanwhile is not kept. */
    void add(StreamLease lease) {
        add(lease, NO_NUMBER);
    }

    /** As {@link #add(StreamLease)}, with a number that it keeps. */
    void add(StreamLease lease, Long number) {
        watched.merge(lease, number, (before, now) -> before.equals(NO_NUMBER) ? now : before);
        if (lease.ended()) {
            watched.remove(lease);
        }
    }

    /** A lease has ended. */
    void remove(StreamLease lease) {
        if (lease.watched()) {
            watched.remove(lease);
        }
    }

    /** Visits those that are open; some that begin or end meanwhile may be missed. */
    void forEach(Consumer<StreamLease> visitor) {
        watched.keySet().forEach(visitor);
    }

    /** Visits those that are open and listen; some that begin or end meanwhile may be missed. */
    void forEachListening(Consumer<StreamLease> visitor) {
        forEach(lease -> {
            if (lease.listens()) {
                visitor.accept(lease);
            }
        });
    }

    /** Visits those that are open and have a number; some that begin or end meanwhile may be missed. */
    void forEachNumbered(BiConsumer<StreamLease, Long> visitor) {
        watched.forEach((lease, number) -> {
            if (!number.equals(NO_NUMBER)) {
                visitor.accept(lease, number);
            }
        });
    }
}
