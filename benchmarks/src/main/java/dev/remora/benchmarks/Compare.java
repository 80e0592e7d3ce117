package dev.remora.benchmarks;

import dev.remora.benchmarks.compare.Comparison;
import dev.remora.benchmarks.compare.Variant;
import dev.remora.benchmarks.peer.Contender;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Every picker of Remora beside the peers, in one run: what a choice costs, and what it is worth.
 *
 * <p>It runs {@link PickBenchmark}, {@link MembershipBenchmark} and {@link AcquireBenchmark}, each number in a JVM of its
 * own, and looks for itself how evenly the requests spread, which keys move without need, and what becomes of open
 * streams. The report and the plots are written into a directory, with machine and JDK; every number is in
 * {@code pickers.tsv} as soon as it is known, and a run that was cut goes on from there with {@code --resume}.
 *
 * <pre>{@code
 * java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.Compare
 * java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.Compare --short
 * }</pre>
 */
@Command(
        name = "Compare",
        description = "Compares the pickers of Remora and of the peers, and writes a report with plots.")
final class Compare implements Callable<Integer> {

    private final PrintWriter out;

    @SuppressWarnings("UnusedVariable") // it is there for the flag
    @Option(names = "--help", usageHelp = true, description = "Prints this text.")
    private boolean help;

    @Option(names = "--short", description = "Takes less than five minutes; its numbers are rough.")
    private boolean brief;

    @Option(names = "--resume", description = "Runs only what a run before has not found.")
    private boolean resume;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "CONTENDER",
            description = "Runs these only; all by default: ${COMPLETION-CANDIDATES}.")
    private List<Contender> only = List.of(Contender.values());

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description = "Where the report goes; ${DEFAULT-VALUE} by default.")
    private Path directory = Path.of("benchmarks", "results");

    Compare(PrintWriter out) {
        this.out = out;
    }

    /** Runs it. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new Compare(out)).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Variant variant = brief ? Variant.brief() : Variant.whole();
        boolean complete = new Comparison(variant, only, directory, resume, Machine.description(), out).run();
        return complete ? 0 : 1;
    }
}
