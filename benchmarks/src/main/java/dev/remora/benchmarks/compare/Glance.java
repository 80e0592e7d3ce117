package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The few comparisons that say most: Remora's default way, and the peers that do the same. */
record Glance(Findings findings) {

    private static final List<Contender> RINGS =
            List.of(Contender.HASH4J_ANCHOR, Contender.HASH4J_JUMP_BACK, Contender.GRPC_RING_HASH, Contender.D2_RING);
    private static final List<Contender> TABLES =
            List.of(Contender.VERTX_HASH_100, Contender.D2_RING, Contender.GRPC_RING_HASH);

    Table table() {
        Table table = Table.withWords("one thread", "Remora, ns", "B", "the peers, ns");
        Contender hash = Contender.REMORA_CONSISTENT_HASH;
        row(table, "by key, hash ready, of 1,000", Measure.BY_HASH, 1_000, hash, RINGS);
        row(table, "by key, text of 24 characters, of 1,000", Measure.BY_TEXT, 1_000, hash, RINGS);
        row(
                table,
                "by key, load bounded, of 1,000",
                Measure.BY_HASH,
                1_000,
                Contender.REMORA_BOUNDED_LOAD,
                List.of(Contender.D2_BOUNDED_LOAD));
        row(
                table,
                "two choices, of 1,000",
                Measure.WITHOUT_KEY,
                1_000,
                Contender.REMORA_TWO_CHOICES,
                List.of(Contender.VERTX_TWO_CHOICES, Contender.GRPC_LEAST_REQUEST));
        row(
                table,
                "two choices by weight, of 1,000",
                Measure.WITHOUT_KEY,
                1_000,
                Contender.REMORA_WEIGHTED_TWO_CHOICES,
                List.of());
        row(table, "a member comes back, of 100", Measure.ADD, 100, hash, TABLES);
        row(table, "a member goes, of 100", Measure.REMOVE, 100, hash, TABLES);
        return table;
    }

    private void row(Table table, String what, Measure measure, int size, Contender ours, List<Contender> peers) {
        Optional<Reading> reading = findings.reading(measure, ours, size, 1);
        String others = peers.stream()
                .flatMap(peer ->
                        findings.reading(measure, peer, size, 1).map(found -> words(peer, found, reading)).stream())
                .collect(Collectors.joining("; "));
        // The bytes of a change of the membership are those of the change and of what undoes it.
        boolean pick = measure != Measure.ADD && measure != Measure.REMOVE;
        table.row(List.of(what, Table.nanos(reading), pick ? Table.bytes(reading) : Table.NOTHING, others));
    }

    private static String words(Contender peer, Reading found, Optional<Reading> ours) {
        String times = ours.map(own -> String.format(Locale.ROOT, " (x %.1f)", found.nanos() / own.nanos()))
                .orElse("");
        return peer.label() + " " + Table.nanos(Optional.of(found)) + times;
    }
}
