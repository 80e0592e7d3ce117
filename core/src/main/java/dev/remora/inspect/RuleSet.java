package dev.remora.inspect;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Rules by which a text is suspicious. Immutable and thread-safe. Needs the optional dependency {@code com.google.re2j:re2j},
 * whose regular expressions take time that grows with the length of the text only, whatever expression and text.
 *
 * <p>A file of rules is a text in UTF-8. Rules are blocks of lines with empty lines between them; a line that begins with
 * {@code #} is a comment.
 *
 * <pre>{@code
 * rule: no-traversal
 * category: traversal
 * in: path query
 * transform: percent*2 lower
 * needs: ../ ..\
 * match: \.\.[/\\].*(passwd|\.ini)
 * match: (\.\.[/\\]){3}
 * score: 5
 * }</pre>
 *
 * <ul>
 *   <li>{@code rule}: an id that no other has, first in the block.
 *   <li>{@code category}: what it looks like, for the listener.
 *   <li>{@code in}: places of {@link Place} in lower case; without it, all of them.
 *   <li>{@code transform}: what is done to the text first, in order, each by itself or so many times ({@code *2}, at most 4).
 *       {@code percent}: percent escapes are decoded, {@code %u003c} too; {@code escapes}: so are those of JavaScript, and by
 *       {@code entities} those of HTML; {@code fold}: full-width forms become ASCII; {@code visible}: NULs and characters
 *       without width are taken out, and by {@code lines} tabs, line ends and other controls; {@code lower}: lower case;
 *       {@code comments}: comments of SQL are taken out; {@code spaces}: a run of white space becomes one space; {@code sql}:
 *       the tokens of SQL, one character for each; the built-in rules show how they are used.
 *   <li>{@code needs}: literals of which one has to be in the transformed text; makes it fast.
 *   <li>{@code match}: an expression in the syntax of RE2, found anywhere in the transformed text; of several lines one.
 *   <li>{@code score}: 1 to 100. Above the {@linkplain Inspection#threshold threshold}, 5 by default, it is a sure sign.
 * </ul>
 */
public final class RuleSet {

    private static final RuleSet BUILT_IN = builtIn("builtin.rules");

    private final List<Rule> rules;

    private RuleSet(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        Set<String> ids = new HashSet<>();
        for (Rule rule : rules) {
            if (!ids.add(rule.id())) {
                throw new IllegalArgumentException("rule: " + rule.id() + " (expected: once)");
            }
        }
    }

    /** Remora's own rules, of the categories {@code sqli} and {@code xss}. */
    public static RuleSet builtIn() {
        return BUILT_IN;
    }

    private static RuleSet builtIn(String resource) {
        try (InputStream in = RuleSet.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("missing from the jar: " + resource);
            }
            return read(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads rules to the end of a reader, and leaves it open.
     *
     * @throws IllegalArgumentException if something in it is no rule; says where
     * @throws UncheckedIOException if it cannot be read
     */
    public static RuleSet read(Reader reader) {
        try {
            return new RuleSet(new RuleReader().read(reader));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a file as {@link #read(Reader)} does. */
    public static RuleSet read(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            return read(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** These rules and others. */
    public RuleSet and(RuleSet others) {
        return new RuleSet(Stream.concat(rules.stream(), others.rules.stream()).toList());
    }

    /** These rules but one. */
    public RuleSet without(String id) {
        List<Rule> kept = rules.stream().filter(rule -> !rule.id().equals(id)).toList();
        if (kept.size() == rules.size()) {
            throw new IllegalArgumentException("rule: " + id + " (expected: one of " + ids() + ")");
        }
        return new RuleSet(kept);
    }

    /** The ids of the rules, in order. */
    public List<String> ids() {
        return rules.stream().map(Rule::id).toList();
    }

    List<Rule> rules() {
        return rules;
    }
}
