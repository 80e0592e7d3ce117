package dev.remora.benchmarks.compare;

import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs JMH, one fork for each cell.
 *
 * @param warmups iterations before those that count
 * @param iterations iterations that count
 * @param millis how long each one takes
 */
record Stopwatch(int warmups, int iterations, int millis) {

    private static final String BYTES = "gc.alloc.rate.norm";

    /**
     * Measures a cell in a new JVM.
     *
     * @throws RunnerException if the benchmark fails
     */
    Reading read(Cell cell) throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.include("^" + Pattern.quote(cell.measure().benchmark()) + "$")
                .param(cell.measure().subjectParameter(), cell.subject())
                .param(cell.measure().sizeParameter(), Integer.toString(cell.size()))
                .threads(cell.threads())
                .forks(1)
                .warmupIterations(warmups)
                .warmupTime(
                        TimeValue.milliseconds((long) millis * cell.measure().warmupFactor()))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(millis))
                .timeUnit(TimeUnit.NANOSECONDS)
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend("-Xms1g", "-Xmx1g")
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        RunResult result = new Runner(options.build()).runSingle();
        Result<?> bytes = result.getSecondaryResults().get(BYTES);
        return new Reading(median(result.getPrimaryResult()), bytes == null ? Double.NaN : median(bytes));
    }

    private static double median(Result<?> result) {
        return result.getStatistics().getPercentile(50);
    }
}
