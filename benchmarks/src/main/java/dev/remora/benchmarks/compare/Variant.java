package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.TiedBy;
import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Contender.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * How much of the comparison is run.
 *
 * @param name for the report
 * @param stopwatch how long each number takes
 * @param patience how long one look at a contender's spread, or at the keys that move, may take
 * @param deadline when nothing new is begun any more
 * @param sizes of the pools
 * @param wide whether two threads, the text form at every size, and every change of the membership are measured too
 */
public record Variant(
        String name, Stopwatch stopwatch, Duration patience, Duration deadline, List<Integer> sizes, boolean wide) {

    private static final List<Integer> SIZES = List.of(10, 100, 1_000);
    private static final int MIDDLE = 100;

    /** The one whose numbers are worth keeping. */
    public static Variant whole() {
        return new Variant(
                "full", new Stopwatch(2, 5, 150), Duration.ofSeconds(10), Duration.ofMinutes(24), SIZES, true);
    }

    /** The one that shows that all of it works. */
    public static Variant brief() {
        return new Variant(
                "short", new Stopwatch(1, 3, 100), Duration.ofMillis(200), Duration.ofSeconds(270), SIZES, false);
    }

    /** What JMH is asked for, the most telling first: when the time is up, the rest is left out. */
    List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (int size : sizes) {
            shortest(cells, size, 1);
        }
        for (int size : wide ? sizes : List.of(MIDDLE)) {
            add(cells, Measure.BY_TEXT, Variant::hasTwoForms, size, 1);
            acquire(cells, size, 1);
            membership(cells, size);
        }
        if (wide) {
            for (int size : sizes) {
                shortest(cells, size, 2);
                acquire(cells, size, 2);
            }
            sizes.forEach(size -> add(cells, Measure.BY_TEXT, Variant::hasTwoForms, size, 2));
        }
        return cells;
    }

    // The first kind of choice that each contender knows.
    private static void shortest(List<Cell> cells, int size, int threads) {
        add(cells, Measure.BY_HASH, kind -> kind.takesHash() || kind == Kind.FLOOR, size, threads);
        add(cells, Measure.WITHOUT_KEY, kind -> !kind.keyed(), size, threads);
        add(cells, Measure.BY_TEXT, kind -> kind.takesText() && !kind.takesHash(), size, threads);
    }

    private static boolean hasTwoForms(Kind kind) {
        return kind == Kind.FLOOR || (kind.takesHash() && kind.takesText());
    }

    private static void acquire(List<Cell> cells, int size, int threads) {
        for (TiedBy tiedBy : TiedBy.values()) {
            cells.add(new Cell(Measure.ACQUIRE, tiedBy.name(), size, threads));
        }
    }

    // Only the hashes build something whose size matters; of the others one size says all.
    private void membership(List<Cell> cells, int size) {
        Predicate<Kind> kinds = kind -> kind.keyed() || (wide && size == MIDDLE && kind != Kind.FLOOR);
        add(cells, Measure.REMOVE, kinds, size, 1);
        add(cells, Measure.ADD, kinds, size, 1);
        if (wide) {
            add(cells, Measure.BUILD, kinds, size, 1);
        }
    }

    private static void add(List<Cell> cells, Measure measure, Predicate<Kind> kinds, int size, int threads) {
        for (Contender contender : Contender.values()) {
            if (kinds.test(contender.kind())) {
                cells.add(new Cell(measure, contender.name(), size, threads));
            }
        }
    }
}
