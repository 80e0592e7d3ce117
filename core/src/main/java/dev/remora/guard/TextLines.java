package dev.remora.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads files of one entry a line, with comments behind a {@code #}. Stateless. */
final class TextLines {

    private TextLines() {}

    /**
     * What all lines mean, but the empty ones.
     *
     * @throws IllegalArgumentException if a line means nothing, with its number
     */
    static <T> List<T> read(String text, Function<String, T> meaning) {
        List<T> entries = new ArrayList<>();
        int number = 0;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            number++;
            int comment = line.indexOf('#');
            String entry = (comment < 0 ? line : line.substring(0, comment)).strip();
            if (!entry.isEmpty()) {
                entries.add(read(entry, number, meaning));
            }
        }
        return entries;
    }

    private static <T> T read(String entry, int number, Function<String, T> meaning) {
        try {
            return meaning.apply(entry);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
        }
    }
}
