package dev.remora;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** A back end with more than its share, and those of its streams that may be moved. Used by one look of one thread. */
final class Excess {

    private final double fair;
    private final double allowed;
    private final PriorityQueue<Idle> idlest = new PriorityQueue<>();
    // Its load without the streams that were asked to end already.
    private double staying;

    Excess(double load, double fair, double allowed) {
        this.staying = load;
        this.fair = fair;
        this.allowed = allowed;
    }

    double ratio() {
        return staying / fair;
    }

    /** A stream that was asked to end, for whatever reason, is as good as gone. */
    void countLeaving(StreamLease lease) {
        if (lease.endRequest().isPresent()) {
            staying -= lease.cost();
        }
    }

    /** Whether a stream is too many here, and none too few without it. */
    boolean mayLose(StreamLease lease) {
        double cost = lease.cost();
        return staying > allowed && cost > 0 && staying - cost >= fair;
    }

    /** Remembers a stream if it is among the idlest that may go. */
    void consider(StreamLease lease, long nowNanos, int atMost) {
        if (lease.resumable() && lease.endRequest().isEmpty() && mayLose(lease)) {
            idlest.add(new Idle(lease.idleTicks(nowNanos), lease));
            if (idlest.size() > atMost) {
                idlest.remove();
            }
        }
    }

    /** Those that were remembered, the idlest first. */
    List<StreamLease> idleFirst() {
        List<Idle> sorted = new ArrayList<>(idlest);
        sorted.sort(null);
        List<StreamLease> idleFirst = new ArrayList<>();
        for (int i = sorted.size() - 1; i >= 0; i--) {
            idleFirst.add(sorted.get(i).lease);
        }
        return idleFirst;
    }

    // The number is kept, because it changes while streams are compared.
    private record Idle(int ticks, StreamLease lease) implements Comparable<Idle> {
        @Override
        public int compareTo(Idle other) {
            return Integer.compare(ticks, other.ticks);
        }
    }
}
