package dev.remora.benchmarks.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every number that was found, written to a file at once: a run that was cut goes on where it stopped. The first line
 * says what the numbers belong to. Thread-safe.
 */
final class Ledger {

    private static final String SEPARATOR = "\t";

    private final Path file;
    private final Map<String, double[]> entries = new LinkedHashMap<>();

    private Ledger(Path file) {
        this.file = file;
    }

    /** An empty one, in place of any that was there. */
    static Ledger begin(Path file, String title) {
        Ledger ledger = new Ledger(file);
        ledger.write("# " + title, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        return ledger;
    }

    /** The one that is there, if it has this title; an empty one else. */
    static Ledger resume(Path file, String title) {
        if (!Files.isReadable(file)) {
            return begin(file, title);
        }
        List<String> lines = lines(file);
        if (lines.isEmpty() || !lines.get(0).equals("# " + title)) {
            return begin(file, title);
        }
        Ledger ledger = new Ledger(file);
        for (String line : lines.subList(1, lines.size())) {
            String[] parts = line.split(SEPARATOR, -1);
            ledger.entries.put(
                    parts[0],
                    Arrays.stream(parts)
                            .skip(1)
                            .mapToDouble(Double::parseDouble)
                            .toArray());
        }
        return ledger;
    }

    synchronized Optional<double[]> find(String key) {
        return Optional.ofNullable(entries.get(key));
    }

    synchronized void record(String key, double... numbers) {
        entries.put(key, numbers.clone());
        String line = Arrays.stream(numbers).mapToObj(Double::toString).collect(Collectors.joining(SEPARATOR));
        write(key + SEPARATOR + line, StandardOpenOption.APPEND);
    }

    private void write(String line, StandardOpenOption... options) {
        try {
            Files.writeString(file, line + "\n", StandardCharsets.UTF_8, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
