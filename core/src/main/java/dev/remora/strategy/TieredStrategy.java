package dev.remora.strategy;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Divides the members into tiers, lower ranks first, and lets a strategy choose within each. */
final class TieredStrategy implements Strategy {

    /** Envoy's default: a group serves everything while 1/1.4 of it is eligible. */
    static final double OVER_PROVISIONING = 1.4;

    private static final long ZONE_SPREAD = 0x9e3779b97f4a7c15L;
    private static final long PRIORITY_SPREAD = 0xd1342543de82ef95L;

    private final Function<Snapshot, ToIntFunction<Backend>> ranks;
    private final Function<List<Tier>, TierRule> rule;
    private final Strategy within;

    private TieredStrategy(
            Function<Snapshot, ToIntFunction<Backend>> ranks, Function<List<Tier>, TierRule> rule, Strategy within) {
        this.ranks = ranks;
        this.rule = rule;
        this.within = Objects.requireNonNull(within, "within");
    }

    static Strategy zones(String local, double overProvisioning, Strategy within) {
        requireText("localZone", local);
        if (!(overProvisioning >= 1 && overProvisioning < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "overProvisioning: " + overProvisioning + " (expected: a finite number, at least 1)");
        }
        ToIntFunction<Backend> rank = backend -> backend.zone().equals(local) ? 0 : 1;
        return new TieredStrategy(
                snapshot -> rank, tiers -> new PriorityLoad(tiers, overProvisioning, ZONE_SPREAD), within);
    }

    static Strategy priorities(ToIntFunction<Backend> priority, Strategy within) {
        Objects.requireNonNull(priority, "priority");
        return new TieredStrategy(
                snapshot -> priority, tiers -> new PriorityLoad(tiers, OVER_PROVISIONING, PRIORITY_SPREAD), within);
    }

    static Strategy subset(String gateway, int size, Strategy within) {
        requireText("gateway", gateway);
        if (size < 1) {
            throw new IllegalArgumentException("size: " + size + " (expected: >= 1)");
        }
        return new TieredStrategy(snapshot -> chosen(snapshot, gateway, size), tiers -> TierRule.FIRST, within);
    }

    @Override
    public Picker picker(Snapshot snapshot) {
        return picker(snapshot, Map.of());
    }

    @Override
    public Picker updated(Picker before, Snapshot snapshot) {
        Map<Integer, Tier> tiersBefore = new HashMap<>();
        ((Tiers) before).tiers().forEach(tier -> tiersBefore.put(tier.rank(), tier));
        return picker(snapshot, tiersBefore);
    }

    @Override
    public Strategy rebinding() {
        return new TieredStrategy(ranks, rule, within.rebinding());
    }

    private Picker picker(Snapshot snapshot, Map<Integer, Tier> before) {
        ToIntFunction<Backend> rank = ranks.apply(snapshot);
        Map<Integer, List<Integer>> members = IntStream.range(0, snapshot.size())
                .boxed()
                .collect(Collectors.groupingBy(
                        i -> rank.applyAsInt(snapshot.node(i).backend()), TreeMap::new, Collectors.toList()));
        List<Tier> tiers = new ArrayList<>();
        members.forEach((number, places) -> tiers.add(
                new Tier(number, places.stream().mapToInt(i -> i).toArray(), snapshot, within, before.get(number))));
        List<Tier> inOrder = List.copyOf(tiers);
        return new Tiers(inOrder, rule.apply(inOrder));
    }

    // Rendezvous hashing of the gateway's name: a back end that comes or goes changes the choice by one at most.
    private static ToIntFunction<Backend> chosen(Snapshot snapshot, String gateway, int size) {
        Set<BackendId> best = snapshot.nodes().stream()
                .map(node -> Candidate.of(gateway, node.backend().id()))
                .sorted(Comparator.comparingLong(Candidate::score).thenComparing(Candidate::id))
                .limit(size)
                .map(Candidate::id)
                .collect(Collectors.toSet());
        return backend -> best.contains(backend.id()) ? 0 : 1;
    }

    private record Candidate(BackendId id, long score) {

        static Candidate of(String gateway, BackendId id) {
            return new Candidate(id, AffinityKey.of(gateway + '\n' + id).hash());
        }
    }

    private static void requireText(String name, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(name + ": '' (expected: not empty)");
        }
    }
}
