package dev.remora.benchmarks.compare;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Writes a table in Markdown: the first column is text, the last one too when the header says so. */
final class Table {

    /** Stands where nothing was measured. */
    static final String NOTHING = "";

    private final StringBuilder text = new StringBuilder();

    /** A table whose columns after the first hold numbers. */
    static Table of(String... header) {
        return new Table(List.of(header), 0);
    }

    /** A table whose first and last columns hold words. */
    static Table withWords(String... header) {
        return new Table(List.of(header), 1);
    }

    private Table(List<String> header, int wordsAtEnd) {
        row(header);
        text.append("|---|")
                .append(String.join("", Collections.nCopies(header.size() - 1 - wordsAtEnd, "---:|")))
                .append(String.join("", Collections.nCopies(wordsAtEnd, "---|")))
                .append('\n');
    }

    Table row(List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** A time with three figures, in nanoseconds, or thousands of them. */
    static String nanos(Optional<Reading> reading) {
        return reading.map(found -> figures(found.nanos())).orElse(NOTHING);
    }

    static String micros(Optional<Reading> reading) {
        return reading.map(found -> figures(found.nanos() / 1_000)).orElse(NOTHING);
    }

    static String bytes(Optional<Reading> reading) {
        return reading.map(found -> String.format(Locale.ROOT, "%,d", Math.round(found.bytes())))
                .orElse(NOTHING);
    }

    static String percent(double part) {
        return part == 0 ? "0" : String.format(Locale.ROOT, part < 0.01 ? "%.2f %%" : "%.1f %%", 100 * part);
    }

    static String figures(double value) {
        if (value >= 100) {
            return String.format(Locale.ROOT, "%,d", Math.round(value));
        }
        return String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    }
}
