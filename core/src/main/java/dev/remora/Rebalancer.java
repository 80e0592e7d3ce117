package dev.remora;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Asks streams of overloaded back ends to end, a few at a time. A look costs a glance at each back end; only while one has
 * more than its share the open streams are looked through, twice. The next look follows when the budget allows another
 * stream.
 */
final class Rebalancer {

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final StreamEnds ends;
    private final Rebalance plan;
    private final Predicate<LiveNode> takesMore;
    private final EndRequest request;
    private final long lookNanos;
    private final double perLook;

    // Streams that may be asked now, with the fraction that earlier looks left over. Looks do not overlap.
    private double budget;

    Rebalancer(StreamEnds ends, Rebalance plan, Predicate<LiveNode> takesMore) {
        this.ends = ends;
        this.plan = plan;
        this.takesMore = takesMore;
        this.request = plan.request();
        this.lookNanos = Math.max(Asks.STEP_NANOS, SECOND_NANOS / plan.streamsPerSecond());
        this.perLook = (double) plan.streamsPerSecond() * lookNanos / SECOND_NANOS;
    }

    void begin() {
        ends.timers().after(lookNanos, this::look);
    }

    private void look() {
        if (ends.closed()) {
            return;
        }
        try {
            budget = budget % 1 + perLook;
            Map<Gate, Excess> excesses = excesses();
            if (budget >= 1 && !excesses.isEmpty()) {
                relieve(excesses);
            }
        } finally {
            begin();
        }
    }

    private Map<Gate, Excess> excesses() {
        List<LiveNode> ready = ends.members().stream().filter(takesMore).toList();
        double load = ready.stream().mapToDouble(LiveNode::load).sum();
        double weight = ready.stream().mapToDouble(LiveNode::weight).sum();
        Map<Gate, Excess> excesses = new HashMap<>();
        for (LiveNode node : ready) {
            double fair = load / weight * node.weight();
            if (node.load() > fair * plan.threshold()) {
                excesses.put(node.gate(), new Excess(node.load(), fair, fair * plan.threshold()));
            }
        }
        return excesses;
    }

    private void relieve(Map<Gate, Excess> excesses) {
        long now = ends.nanos();
        visit(excesses, Excess::countLeaving);
        visit(excesses, (excess, lease) -> excess.consider(lease, now, (int) budget));
        List<Excess> worstFirst = new ArrayList<>(excesses.values());
        worstFirst.sort((one, other) -> Double.compare(other.ratio(), one.ratio()));
        for (Excess excess : worstFirst) {
            for (StreamLease lease : excess.idleFirst()) {
                if (budget >= 1 && excess.mayLose(lease) && ends.ask(lease, request)) {
                    excess.countLeaving(lease);
                    budget--;
                }
            }
        }
    }

    private void visit(Map<Gate, Excess> excesses, BiConsumer<Excess, StreamLease> visitor) {
        ends.openStreams().forEachListening(lease -> {
            Excess excess = excesses.get(lease.node.gate());
            if (excess != null) {
                visitor.accept(excess, lease);
            }
        });
    }
}
