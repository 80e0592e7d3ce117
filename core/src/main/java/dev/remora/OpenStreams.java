package dev.remora;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The open leases whose adapters listen for the wish that they end, or whose silence is of interest. Thread-safe. */
final class OpenStreams {

    private final Set<StreamLease> watched = ConcurrentHashMap.newKeySet();

    /** A lease is {@linkplain StreamLease#watched watched}; one that has ended meanwhile is not kept. */
    void add(StreamLease lease) {
        watched.add(lease);
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
        watched.forEach(visitor);
    }
}
