package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * A comparison of contenders, from the first number to the report.
 *
 * @param variant how much of it is run
 * @param contenders who takes part
 * @param directory where the numbers, the report and the plots go
 * @param resume whether numbers that are there already count
 * @param machine what it is run on, in one line
 * @param out for the progress
 */
public record Comparison(
        Variant variant, List<Contender> contenders, Path directory, boolean resume, String machine, PrintWriter out) {

    /** Creates a comparison. */
    public Comparison {
        contenders = List.copyOf(contenders);
    }

    /**
     * Runs it.
     *
     * @return whether all numbers were found: none failed, and the time was enough
     */
    public boolean run() throws IOException, InterruptedException, ExecutionException {
        Files.createDirectories(directory);
        Path file = directory.resolve("pickers.tsv");
        Ledger ledger = resume ? Ledger.resume(file, variant.name()) : Ledger.begin(file, variant.name());
        Findings findings = new Findings(ledger);
        int missing = new Trials(variant, contenders, findings, out).run();
        Report report = new Report(variant, contenders, findings, machine, missing);
        Files.writeString(directory.resolve("pickers.md"), report.markdown(), StandardCharsets.UTF_8);
        for (Plot plot : Plot.of(variant, contenders, findings)) {
            plot.write(directory);
        }
        out.printf("The report is %s.%n", directory.resolve("pickers.md"));
        return missing == 0;
    }
}
