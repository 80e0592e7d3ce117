package dev.remora;

import dev.remora.pool.BackendId;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether so few members are fit that health is ignored: those that are left would drown in the traffic of all. Counted
 * anew when a member becomes fit or unfit and when members come or go, so that a pick reads one flag.
 *
 * @see LoadBalancerBuilder#panicThreshold
 */
final class Panic implements BalancerListener {

    private final double threshold;

    // Guarded by the monitor: who counts last has seen all that was told before.
    private List<LiveNode> members = List.of();

    // Written under the monitor, read by request threads.
    private volatile boolean on;

    Panic(double threshold) {
        if (!(threshold >= 0 && threshold <= 1)) {
            throw new IllegalArgumentException("panicThreshold: " + threshold + " (expected: 0 to 1)");
        }
        this.threshold = threshold;
    }

    /** Those who listen: the others, and this if it has to know. */
    List<BalancerListener> among(List<BalancerListener> others) {
        return threshold == 0
                ? others
                : Stream.concat(Stream.of(this), others.stream()).toList();
    }

    synchronized void follow(List<LiveNode> nodes) {
        members = nodes;
        count();
    }

    @Override
    public synchronized void healthChanged(BackendId backend, boolean fit) {
        count();
    }

    boolean isOn() {
        return on;
    }

    private void count() {
        long fit = members.stream().filter(node -> node.health().toldFit()).count();
        // A threshold that was written as 0.28 stands for seven of twenty-five.
        on = fit < threshold * members.size() - 1e-9;
    }
}
