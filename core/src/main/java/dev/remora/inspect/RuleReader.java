package dev.remora.inspect;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads a file of rules, in the form that {@link RuleSet} describes. */
final class RuleReader {

    // The time that a character costs grows with the size of an expression's program.
    private static final int LARGEST_PROGRAM = 2_000;

    private static final int MOST_TIMES = 4;

    private final List<Rule> rules = new ArrayList<>();
    private Optional<Block> block = Optional.empty();
    private int line;

    List<Rule> read(Reader reader) throws IOException {
        BufferedReader lines = new BufferedReader(reader);
        for (String text = lines.readLine(); text != null; text = lines.readLine()) {
            line++;
            numbered(text);
        }
        // The last block ends as the others do.
        numbered("");
        return rules;
    }

    private void numbered(String text) {
        try {
            take(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + line + ": " + e.getMessage(), e);
        }
    }

    private void take(String text) {
        if (text.isBlank()) {
            end();
        } else if (!text.startsWith("#")) {
            int colon = text.indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException(text + " (expected: name: value)");
            }
            entry(text.substring(0, colon).strip(), text.substring(colon + 1).strip());
        }
    }

    private void entry(String name, String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(name + ": \"\" (expected: a value)");
        }
        if (name.equals("rule")) {
            end();
            block = Optional.of(new Block(value));
        } else {
            block.orElseThrow(() -> new IllegalArgumentException(name + " (expected: rule, first)"))
                    .entry(name, value);
        }
    }

    private void end() {
        block.ifPresent(ended -> rules.add(ended.rule()));
        block = Optional.empty();
    }

    private static final class Block {
        private final String id;
        private final List<Transformation> transformations = new ArrayList<>();
        private final List<String> needs = new ArrayList<>();
        private final List<Pattern> patterns = new ArrayList<>();
        private Set<Place> places = EnumSet.allOf(Place.class);
        private Optional<String> category = Optional.empty();
        private int score;

        Block(String id) {
            this.id = id;
        }

        void entry(String name, String value) {
            switch (name) {
                case "category" -> category = Optional.of(value);
                case "in" -> places = places(value);
                case "transform" -> words(value).forEach(this::transformation);
                case "needs" -> needs.addAll(words(value));
                case "match" -> patterns.add(pattern(value));
                case "score" -> score = number("score", value);
                default ->
                    throw new IllegalArgumentException(
                            name + " (expected: rule, category, in, transform, needs, match or score)");
            }
        }

        private void transformation(String word) {
            int star = word.indexOf('*');
            String name = star < 0 ? word : word.substring(0, star);
            int times = star < 0 ? 1 : number("transform", word.substring(star + 1));
            Transformation named = Transformation.NAMED.get(name);
            if (named == null || times < 1 || times > MOST_TIMES) {
                throw new IllegalArgumentException("transform: " + word + " (expected: one of "
                        + Transformation.NAMED.keySet().stream().sorted().toList() + ", at most " + MOST_TIMES
                        + " times)");
            }
            transformations.addAll(Collections.nCopies(times, named));
        }

        Rule rule() {
            String known = category.orElseThrow(
                    () -> new IllegalArgumentException("category: none (expected: one in rule " + id + ")"));
            return new Rule(id, known, places, transformations, needs, patterns, score);
        }

        private static Set<Place> places(String value) {
            Set<Place> places = EnumSet.noneOf(Place.class);
            for (String word : words(value)) {
                places.add(Arrays.stream(Place.values())
                        .filter(place -> place.name().toLowerCase(Locale.ROOT).equals(word))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "in: " + word + " (expected: path, query, header, cookie, form or body)")));
            }
            return places;
        }

        private static Pattern pattern(String value) {
            Pattern pattern;
            try {
                pattern = Pattern.compile(value);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("match: " + value + " (expected: RE2 syntax)", e);
            }
            if (pattern.programSize() > LARGEST_PROGRAM) {
                throw new IllegalArgumentException("match: " + value + " (expected: a smaller expression)");
            }
            return pattern;
        }

        private static int number(String name, String value) {
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: a number)", e);
            }
        }

        private static List<String> words(String value) {
            return List.of(value.split("\\s+", -1));
        }
    }
}
