package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a contender does wrong at one size of the pool, whatever its speed.
 *
 * @param faults one phrase each
 */
record Verdict(List<String> faults) {

    // A fair coin thrown a million times among a thousand members gives the luckiest one a tenth more.
    private static final double MOST_UNEVEN = 1.5;
    private static final double MOST_NEEDLESS = 0.01;

    /** Creates a verdict. */
    Verdict {
        faults = List.copyOf(faults);
    }

    static Verdict of(Contender contender, int size, Findings findings) {
        List<String> faults = new ArrayList<>();
        findings.spread(contender, size)
                .flatMap(spread -> unevenness(spread, size))
                .ifPresent(faults::add);
        findings.moves(contender, size).flatMap(Verdict::restlessness).ifPresent(faults::add);
        findings.trial(contender).flatMap(Verdict::forgetfulness).ifPresent(faults::add);
        Read.of(contender)
                .filter(Read::fault)
                .map(read -> read.words() + " (read)")
                .ifPresent(faults::add);
        return new Verdict(faults);
    }

    boolean right() {
        return faults.isEmpty();
    }

    private static Optional<String> unevenness(Spread spread, int size) {
        if (spread.peakToMean() <= MOST_UNEVEN || !spread.enough(size)) {
            return Optional.empty();
        }
        String idle = spread.idle() == 0 ? "" : ", " + spread.idle() + " get nothing";
        return Optional.of(text("one member gets %.1f times its share%s", spread.peakToMean(), idle));
    }

    private static Optional<String> restlessness(Moves moves) {
        double most = Math.max(moves.onAdd(), moves.onRemove());
        return most <= MOST_NEEDLESS
                ? Optional.empty()
                : Optional.of(text("moves up to %.0f %% of the keys without need", 100 * most));
    }

    private static Optional<String> forgetfulness(StreamTrial trial) {
        if (!trial.counted()) {
            return Optional.of("does not see open streams");
        }
        if (!trial.afterRefresh()) {
            return Optional.of("forgets open streams when the list comes anew");
        }
        if (!trial.afterReturn()) {
            return Optional.of("forgets open streams of a member that returns");
        }
        return trial.afterSilence() ? Optional.empty() : Optional.of("forgets open streams after 10 quiet minutes");
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
