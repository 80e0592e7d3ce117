package dev.remora.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * The members of the pool at one moment, in the order of their source. Immutable and thread-safe, though the numbers
 * of its nodes live on.
 */
public final class Snapshot {

    private final long version;
    private final List<Node> nodes;
    private final Map<BackendId, Integer> indexes;
    private final DoubleSupplier load;

    /**
     * Creates a snapshot.
     *
     * @param version rises with every change of the membership
     * @param nodes the members, each id once
     * @throws IllegalArgumentException if an id appears twice
     */
    public Snapshot(long version, List<? extends Node> nodes) {
        this(List.copyOf(nodes), version);
    }

    private Snapshot(List<Node> nodes, long version) {
        this(version, nodes, () -> nodes.stream().mapToDouble(Node::load).sum());
    }

    /**
     * Creates a snapshot whose load somebody counts.
     *
     * @param version rises with every change of the membership
     * @param nodes the members, each id once
     * @param load yields the load of all members together, fast
     * @throws IllegalArgumentException if an id appears twice
     */
    public Snapshot(long version, List<? extends Node> nodes, DoubleSupplier load) {
        this.version = version;
        this.nodes = List.copyOf(nodes);
        this.load = load;
        Map<BackendId, Integer> byId = new HashMap<>();
        for (int i = 0; i < this.nodes.size(); i++) {
            BackendId id = this.nodes.get(i).backend().id();
            if (byId.put(id, i) != null) {
                throw new IllegalArgumentException("backend id: " + id + " (expected: each id once)");
            }
        }
        this.indexes = byId;
    }

    /** Rises with every change of the membership. */
    public long version() {
        return version;
    }

    /** How many members there are. */
    public int size() {
        return nodes.size();
    }

    /** The member at a place, 0 to {@code size() - 1}. */
    public Node node(int index) {
        return nodes.get(index);
    }

    /** All members in the order of their source. */
    public List<Node> nodes() {
        return nodes;
    }

    /** The load of all members together, as it was a moment ago. */
    public double load() {
        return load.getAsDouble();
    }

    /** The place of a member, or -1 when it is not one. */
    public int indexOf(BackendId id) {
        Integer index = indexes.get(id);
        return index == null ? -1 : index;
    }
}
