package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Contender.Kind;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Runs everything: first what a choice is worth, on all processors, then what it costs, one JVM after the other. What
 * the findings hold already is not run again.
 */
final class Trials {

    static final int KEYS = 1_000_000;

    private final Variant variant;
    private final List<Contender> contenders;
    private final Findings findings;
    private final PrintWriter out;
    private final Deadline deadline;

    Trials(Variant variant, List<Contender> contenders, Findings findings, PrintWriter out) {
        this.variant = variant;
        this.contenders = List.copyOf(contenders);
        this.findings = findings;
        this.out = out;
        this.deadline = Deadline.in(variant.deadline());
    }

    /**
     * Runs what is missing, until the time is up.
     *
     * @return how many numbers are missing still
     */
    int run() throws InterruptedException, ExecutionException {
        judge();
        return measure();
    }

    private void judge() throws InterruptedException, ExecutionException {
        List<Runnable> looks = new ArrayList<>();
        for (Contender contender : contenders) {
            if (contender.kind() == Kind.FLOOR) {
                continue;
            }
            if (contender.kind().countsStreams() && findings.trial(contender).isEmpty()) {
                looks.add(() -> findings.record(contender, StreamTrial.of(contender)));
            }
            variant.sizes().forEach(size -> looks.addAll(looks(contender, size)));
        }
        inParallel(looks);
    }

    private List<Runnable> looks(Contender contender, int size) {
        List<Runnable> looks = new ArrayList<>();
        if (findings.spread(contender, size).isEmpty()) {
            looks.add(() -> findings.record(contender, size, Spread.of(contender, size, KEYS, variant.patience())));
        }
        if (contender.kind().keyed() && findings.moves(contender, size).isEmpty()) {
            looks.add(() -> findings.record(contender, size, Moves.of(contender, size, variant.patience())));
        }
        return looks;
    }

    private void inParallel(List<Runnable> looks) throws InterruptedException, ExecutionException {
        ExecutorService executor =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            AtomicInteger done = new AtomicInteger();
            List<Future<?>> running = new ArrayList<>();
            for (Runnable look : looks) {
                running.add(executor.submit(() -> {
                    look.run();
                    progress("balance, moves, streams", done.incrementAndGet(), looks.size());
                }));
            }
            for (Future<?> future : running) {
                future.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private int measure() {
        List<Cell> cells = variant.cells().stream()
                .filter(this::wanted)
                .filter(cell -> findings.reading(cell).isEmpty())
                .toList();
        int done = 0;
        int failed = 0;
        for (Cell cell : cells) {
            if (deadline.over()) {
                line("The time is up: %d of %d numbers are left out.", cells.size() - done, cells.size());
                return cells.size() - done + failed;
            }
            done++;
            try {
                Reading reading = variant.stopwatch().read(cell);
                findings.record(cell, reading);
                line(
                        "[%d/%d, %s] %s: %.1f ns, %.0f B",
                        done, cells.size(), clock(deadline.passed()), cell.key(), reading.nanos(), reading.bytes());
            } catch (RunnerException e) {
                failed++;
                line("[%d/%d] %s failed: %s", done, cells.size(), cell.key(), e);
            }
        }
        return failed;
    }

    private boolean wanted(Cell cell) {
        return cell.measure() == Measure.ACQUIRE || contenders.contains(Contender.valueOf(cell.subject()));
    }

    private void progress(String what, int done, int all) {
        if (done % 10 == 0 || done == all) {
            line("[%d/%d, %s] %s", done, all, clock(deadline.passed()), what);
        }
    }

    private synchronized void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
        out.flush();
    }

    private static String clock(Duration time) {
        return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }
}
