package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.TiedBy;
import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Contender.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The findings as a page of Markdown. In every table a speed stands beside what it is worth.
 *
 * @param variant how they were found
 * @param contenders who took part
 * @param findings what was found
 * @param machine what it was run on
 * @param missing numbers that were not found
 */
record Report(Variant variant, List<Contender> contenders, Findings findings, String machine, int missing) {

    Report {
        contenders = List.copyOf(contenders);
    }

    String markdown() {
        StringBuilder page = new StringBuilder();
        page.append("# What a choice costs, and what it is worth\n\n").append(ReportText.introduction(this));
        page.append("![Every picker by key](pickers-by-key.svg)\n\n");
        page.append("![Every picker without a key](pickers-without-key.svg)\n\n");
        page.append("## At a glance\n\n").append(new Glance(findings).table()).append('\n');
        for (int size : variant.sizes()) {
            page.append("## By key, ")
                    .append(size)
                    .append(" members\n\n")
                    .append(byKey(size))
                    .append('\n');
        }
        for (int size : variant.sizes()) {
            page.append("## Without a key, ")
                    .append(size)
                    .append(" members\n\n")
                    .append(withoutKey(size))
                    .append('\n');
        }
        page.append("## What becomes of open streams\n\n")
                .append(ReportText.STREAMS)
                .append(streams())
                .append('\n');
        page.append("## A member comes or goes\n\n").append(ReportText.MEMBERSHIP);
        for (int size : variant.sizes()) {
            page.append("Of ")
                    .append(size)
                    .append(" members:\n\n")
                    .append(membership(size))
                    .append('\n');
        }
        page.append("## The whole of Remora\n\n")
                .append(ReportText.ACQUIRE)
                .append(acquire())
                .append('\n');
        page.append(ReportText.reading(contenders));
        return page.toString();
    }

    private Table byKey(int size) {
        Table table = Table.withWords(
                "picker",
                "hash ready, ns",
                "text, ns",
                "hash, 2 threads",
                "text, 2 threads",
                "B, hash",
                "B, text",
                "peak/mean",
                "needless moves, 1 less",
                "1 more",
                "what is wrong");
        for (Contender contender : sorted(kind -> kind.keyed() || kind == Kind.FLOOR, size)) {
            List<String> row = new ArrayList<>();
            row.add(name(contender));
            row.add(Table.nanos(findings.reading(Measure.BY_HASH, contender, size, 1)));
            row.add(Table.nanos(findings.reading(Measure.BY_TEXT, contender, size, 1)));
            row.add(Table.nanos(findings.reading(Measure.BY_HASH, contender, size, 2)));
            row.add(Table.nanos(findings.reading(Measure.BY_TEXT, contender, size, 2)));
            row.add(Table.bytes(findings.reading(Measure.BY_HASH, contender, size, 1)));
            row.add(Table.bytes(findings.reading(Measure.BY_TEXT, contender, size, 1)));
            row.add(spread(contender, size));
            Optional<Moves> moves = findings.moves(contender, size);
            row.add(moves.map(found -> Table.percent(found.onRemove())).orElse(Table.NOTHING));
            row.add(moves.map(found -> Table.percent(found.onAdd())).orElse(Table.NOTHING));
            row.add(faults(contender, size));
            table.row(row);
        }
        return table;
    }

    private Table withoutKey(int size) {
        Table table = Table.withWords("picker", "ns", "2 threads", "B", "peak/mean", "what is wrong");
        for (Contender contender : sorted(kind -> !kind.keyed(), size)) {
            table.row(List.of(
                    name(contender),
                    Table.nanos(findings.reading(Measure.WITHOUT_KEY, contender, size, 1)),
                    Table.nanos(findings.reading(Measure.WITHOUT_KEY, contender, size, 2)),
                    Table.bytes(findings.reading(Measure.WITHOUT_KEY, contender, size, 1)),
                    spread(contender, size),
                    faults(contender, size)));
        }
        return table;
    }

    private Table streams() {
        Table table = Table.withWords(
                "picker",
                "sees them",
                "list comes anew",
                "member returns",
                "11 quiet minutes",
                "lets go at the end",
                "read");
        for (Contender contender : contenders) {
            findings.trial(contender)
                    .ifPresent(trial -> table.row(List.of(
                            name(contender),
                            yes(trial.counted()),
                            yes(trial.afterRefresh()),
                            yes(trial.afterReturn()),
                            yes(trial.afterSilence()),
                            yes(trial.released()),
                            Read.of(contender).map(Read::words).orElse(Table.NOTHING))));
        }
        return table;
    }

    private Table membership(int size) {
        Table table = Table.of("picker", "remove, us", "add, us", "build, us", "B, remove and add", "B, build");
        for (Contender contender : contenders) {
            Optional<Reading> remove = findings.reading(Measure.REMOVE, contender, size, 1);
            Optional<Reading> add = findings.reading(Measure.ADD, contender, size, 1);
            Optional<Reading> build = findings.reading(Measure.BUILD, contender, size, 1);
            if (remove.isPresent() || add.isPresent() || build.isPresent()) {
                table.row(List.of(
                        name(contender),
                        Table.micros(remove),
                        Table.micros(add),
                        Table.micros(build),
                        Table.bytes(remove),
                        Table.bytes(build)));
            }
        }
        return table;
    }

    private Table acquire() {
        Table table = Table.of("clients are tied by", "members", "ns", "B", "2 threads, ns", "2 threads, B");
        for (TiedBy tiedBy : TiedBy.values()) {
            for (int size : variant.sizes()) {
                Optional<Reading> alone = findings.reading(new Cell(Measure.ACQUIRE, tiedBy.name(), size, 1));
                Optional<Reading> both = findings.reading(new Cell(Measure.ACQUIRE, tiedBy.name(), size, 2));
                table.row(List.of(
                        tiedBy.name(),
                        Integer.toString(size),
                        Table.nanos(alone),
                        Table.bytes(alone),
                        Table.nanos(both),
                        Table.bytes(both)));
            }
        }
        return table;
    }

    private List<Contender> sorted(Predicate<Kind> kinds, int size) {
        return contenders.stream()
                .filter(contender -> kinds.test(contender.kind()))
                .sorted(Comparator.comparingDouble(contender -> findings.speed(contender, size)))
                .toList();
    }

    private String spread(Contender contender, int size) {
        return findings.spread(contender, size)
                .filter(found -> found.enough(size))
                .map(found -> String.format(Locale.ROOT, "%.2f", found.peakToMean())
                        + (found.picks() < Trials.KEYS ? ReportText.fewer(found.picks()) : ""))
                .orElse(Table.NOTHING);
    }

    private String faults(Contender contender, int size) {
        return String.join("; ", Verdict.of(contender, size, findings).faults());
    }

    private static String name(Contender contender) {
        return contender.ours() ? "**" + contender.label() + "**" : contender.label();
    }

    private static String yes(boolean holds) {
        return holds ? "yes" : "**no**";
    }
}
