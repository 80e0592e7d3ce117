package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import java.util.Optional;

/** What is known so far, of each contender; a view of the ledger. */
record Findings(Ledger ledger) {

    Optional<Reading> reading(Cell cell) {
        return ledger.find(cell.key()).map(Reading::of);
    }

    Optional<Reading> reading(Measure measure, Contender contender, int size, int threads) {
        return reading(new Cell(measure, contender.name(), size, threads));
    }

    /** What to sort by: the fastest kind of pick that a contender knows; nothing is faster than the floor. */
    double speed(Contender contender, int size) {
        if (contender.kind() == Contender.Kind.FLOOR) {
            return 0;
        }
        return pick(contender, size).map(Reading::nanos).orElse(Double.POSITIVE_INFINITY);
    }

    /** The first kind of pick that a contender knows, by one thread. */
    Optional<Reading> pick(Contender contender, int size) {
        return reading(Measure.ofChoice(contender.kind()), contender, size, 1);
    }

    void record(Cell cell, Reading reading) {
        ledger.record(cell.key(), reading.nanos(), reading.bytes());
    }

    Optional<Spread> spread(Contender contender, int size) {
        return ledger.find(spreadKey(contender, size))
                .map(numbers -> new Spread(numbers[0], (int) numbers[1], (int) numbers[2]));
    }

    void record(Contender contender, int size, Spread spread) {
        ledger.record(spreadKey(contender, size), spread.peakToMean(), spread.idle(), spread.picks());
    }

    Optional<Moves> moves(Contender contender, int size) {
        return ledger.find(movesKey(contender, size))
                .map(numbers -> new Moves(numbers[0], numbers[1], (int) numbers[2]));
    }

    void record(Contender contender, int size, Moves moves) {
        ledger.record(movesKey(contender, size), moves.onAdd(), moves.onRemove(), moves.keys());
    }

    Optional<StreamTrial> trial(Contender contender) {
        return ledger.find(trialKey(contender))
                .map(n -> new StreamTrial(n[0] == 1, n[1] == 1, n[2] == 1, n[3] == 1, n[4] == 1));
    }

    void record(Contender contender, StreamTrial trial) {
        ledger.record(
                trialKey(contender),
                number(trial.counted()),
                number(trial.afterRefresh()),
                number(trial.afterReturn()),
                number(trial.afterSilence()),
                number(trial.released()));
    }

    private static double number(boolean yes) {
        return yes ? 1 : 0;
    }

    private static String spreadKey(Contender contender, int size) {
        return "SPREAD " + contender + " n=" + size;
    }

    private static String movesKey(Contender contender, int size) {
        return "MOVES " + contender + " n=" + size;
    }

    private static String trialKey(Contender contender) {
        return "STREAMS " + contender;
    }
}
