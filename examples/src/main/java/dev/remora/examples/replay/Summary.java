package dev.remora.examples.replay;

import java.util.Locale;
import java.util.stream.Collectors;

/** A report as people read it. */
public final class Summary {

    private static final double NANOS_PER_MILLI = 1e6;

    private Summary() {}

    /** The whole text, with a line break at its end. */
    public static String of(ReplayReport report) {
        var text = new StringBuilder();
        line(
                text,
                "requests   %,d sent in %.1f s, at most %,d open at once",
                report.requests(),
                seconds(report),
                report.maxOpen());
        if (report.skipped() > 0) {
            line(text, "           %,d not sent: the time limit was reached", report.skipped());
        }
        line(text, "answers    %,d complete, %,d not", report.complete(), report.requests() - report.complete());
        report.errors().forEach((kind, count) -> line(text, "           %,d x %s", count, kind));
        line(text, "tokens     %,d received, %,d asked for", report.tokens(), report.tokensAsked());
        line(text, "back ends  %s", backends(report));
        if (report.followUps() > 0) {
            line(
                    text,
                    "turns      %,d of %,d follow-up turns (%.1f %%) were answered by the back end of the turn before",
                    report.kept(),
                    report.followUps(),
                    100.0 * report.kept() / report.followUps());
        }
        line(text, "");
        line(text, "%-28s %10s %10s %10s %10s", "milliseconds", "p50", "p90", "p99", "max");
        times(text, "time to first token", report.firstToken());
        times(text, "gap between tokens", report.gap());
        times(text, "whole answer", report.total());
        times(text, "sent late (this client)", report.lateness());
        return text.toString();
    }

    private static double seconds(ReplayReport report) {
        return report.took().toMillis() / 1e3;
    }

    private static String backends(ReplayReport report) {
        return report.shares().isEmpty()
                ? "none"
                : report.shares().entrySet().stream()
                        .map(share -> String.format(
                                Locale.ROOT,
                                "%s %.1f %% (%,d)",
                                share.getKey(),
                                share.getValue(),
                                report.backends().get(share.getKey())))
                        .collect(Collectors.joining("   "));
    }

    private static void times(StringBuilder text, String name, Percentiles times) {
        line(
                text,
                "%-28s %s %s %s %s",
                name,
                millis(times.p50()),
                millis(times.p90()),
                millis(times.p99()),
                millis(times.max()));
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%,10.2f", nanos / NANOS_PER_MILLI);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
