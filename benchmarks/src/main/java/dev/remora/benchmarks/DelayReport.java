package dev.remora.benchmarks;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * The result of {@link AddedDelay}, as Markdown.
 *
 * @param direct the rounds without the gateway
 * @param gateway the rounds through it, as many
 */
record DelayReport(List<DelayRound> direct, List<DelayRound> gateway) {

    void print(PrintWriter out) {
        Histogram without = all(direct);
        Histogram with = all(gateway);
        out.println("| delay of an event, in microseconds | p50 | p90 | p99 | max |");
        out.println("|---|---:|---:|---:|---:|");
        out.println(row("direct", without::getValueAtPercentile));
        out.println(row("through the gateway", with::getValueAtPercentile));
        out.println(row(
                "added by the gateway",
                percentile -> with.getValueAtPercentile(percentile) - without.getValueAtPercentile(percentile)));
        out.println();
        printRounds(out);
        out.println();
        ThreadCosts costs = gateway.stream().map(DelayRound::costs).reduce(ThreadCosts.NONE, ThreadCosts::plus);
        out.println(text(
                "Events each way: %,d. The gateway's event loops took %.1f us of processor time and allocated %,d bytes of"
                        + " heap per event; the opening and the end of the streams are shared out among the events.",
                with.getTotalCount(),
                costs.cpuNanos() / 1e3 / with.getTotalCount(),
                costs.allocatedBytes() / with.getTotalCount()));
        out.flush();
    }

    private void printRounds(PrintWriter out) {
        out.println("| round, in microseconds | direct p50 | gateway p50 | direct p99 | gateway p99 |");
        out.println("|---|---:|---:|---:|---:|");
        for (int i = 0; i < direct.size(); i++) {
            Histogram without = direct.get(i).delays();
            Histogram with = gateway.get(i).delays();
            out.println(text(
                    "| %d | %.1f | %.1f | %.1f | %.1f |",
                    i + 1,
                    micros(without.getValueAtPercentile(50)),
                    micros(with.getValueAtPercentile(50)),
                    micros(without.getValueAtPercentile(99)),
                    micros(with.getValueAtPercentile(99))));
        }
    }

    private static Histogram all(List<DelayRound> rounds) {
        Histogram sum = DelayRound.emptyHistogram();
        rounds.forEach(round -> sum.add(round.delays()));
        return sum;
    }

    private static String row(String name, PercentileNanos nanos) {
        return text(
                "| %s | %.1f | %.1f | %.1f | %.1f |",
                name, micros(nanos.at(50)), micros(nanos.at(90)), micros(nanos.at(99)), micros(nanos.at(100)));
    }

    private static double micros(long nanos) {
        return nanos / 1e3;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    @FunctionalInterface
    private interface PercentileNanos {
        long at(double percentile);
    }
}
