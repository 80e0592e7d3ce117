package dev.remora;

import dev.remora.pool.Snapshot;
import dev.remora.strategy.Picker;
import java.util.List;

/**
 * One version of the pool with the pickers made for it. It travels in one reference, so that no request pairs the members
 * of one version with the picker of another. Immutable.
 *
 * @param picker serves clients that are not bound
 * @param rebinder finds the new back end of a client whose own cannot serve: rendezvous hashing, so that parallel
 *     requests of one client agree, on every gateway
 */
record Generation(Snapshot snapshot, List<LiveNode> nodes, Picker picker, Picker rebinder) {

    /** A pool without members. */
    static final Generation EMPTY =
            new Generation(new Snapshot(0, List.of()), List.of(), context -> Picker.NONE, context -> Picker.NONE);

    /** Whether a list of back ends was its origin. */
    boolean made() {
        return snapshot.version() > 0;
    }

    boolean isOlderThan(Generation other) {
        return snapshot.version() < other.snapshot.version();
    }

    LiveNode node(int index) {
        return nodes.get(index);
    }

    int size() {
        return nodes.size();
    }
}
