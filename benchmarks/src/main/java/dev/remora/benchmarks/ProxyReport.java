package dev.remora.benchmarks;

import com.google.errorprone.annotations.FormatMethod;
import dev.remora.benchmarks.ProxyProcess.Sample;
import dev.remora.benchmarks.ProxyTrial.Result;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * The result of {@link ServletProxies}, as Markdown.
 *
 * @param flags of the program
 * @param versions of what was measured, in words
 */
record ProxyReport(String flags, String machine, String versions, List<ProxyTrial> trials) {

    @Override
    public String toString() {
        return String.join(
                "\n", beginning(), trials.stream().map(ProxyReport::table).collect(Collectors.joining("\n")), ending());
    }

    private String beginning() {
        return text("""
                # What a servlet reverse proxy costs, beside the containers' own

                Measured and written by

                    java -cp benchmarks/target/benchmarks.jar dev.remora.benchmarks.ServletProxies %s

                Each proxy runs in a JVM of its own (%s), on 127.0.0.1 as client and back end do; they take turns. *CPU*:
                processor time of that process, user and system, for each thing that passed; the median of the rounds. *ratio*: to the
                first row, in the same round; the median of the rounds, and the lowest and the highest. *delay*: from the back
                end's send to the client's read of an event, or from a request to its answer; all rounds together.
                """, flags, String.join(" ", ProxyProcess.JVM_FLAGS));
    }

    private static String table(ProxyTrial trial) {
        return text(
                """
                ## CPU of the proxy per %s

                %s

                | proxy | CPU, us | ratio | lowest | highest | delay p50, ms | delay p99, ms |
                |---|---:|---:|---:|---:|---:|---:|
                %s""",
                trial.unit(),
                trial.load(),
                trial.results().stream()
                        .map(result -> row(result, trial.results().get(0)))
                        .collect(Collectors.joining()));
    }

    private static String row(Result result, Result base) {
        List<Sample> samples = result.samples();
        double[] costs =
                samples.stream().mapToDouble(Sample::cpuMicrosEach).sorted().toArray();
        double[] ratios = IntStream.range(0, samples.size())
                .mapToDouble(i ->
                        samples.get(i).cpuMicrosEach() / base.samples().get(i).cpuMicrosEach())
                .sorted()
                .toArray();
        Histogram delays = DelayRound.emptyHistogram();
        samples.forEach(sample -> delays.add(sample.delays()));
        return text(
                "| %s | %.1f | %.2f | %.2f | %.2f | %.2f | %.1f |%n",
                result.contender().title(),
                median(costs),
                median(ratios),
                ratios[0],
                ratios[ratios.length - 1],
                delays.getValueAtPercentile(50) / 1e6,
                delays.getValueAtPercentile(99) / 1e6);
    }

    private static double median(double... sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private String ending() {
        return text("""
                Machine: %s. %s

                **What is compared.** The processor time that it takes to pass the same bytes at the same rate. Jetty's servlets never
                flush: *as it comes*, an event waits in the response's buffer for more, which saves the work and shows in
                the delay. In the other rows of Jetty's own servlets Jetty is told to write at once (an output aggregation size of 1), in
                the rows of Remora it has its defaults.

                **What is not.** What the proxies do in between is not the same. Remora picks a back end for each request,
                counts the stream until it ends, reads the events as they pass, waits for each side with a limit, and could end
                a stream between two events; Undertow's picks as well, Jetty's servlets know one back end. Undertow's own handler
                and the Netty gateway are no servlets. Neither throughput under full load, nor TLS, nor a network, nor HTTP/2 is in it, and a process's
                time is told in steps of 10 ms.
                """, machine, versions);
    }

    @FormatMethod
    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
