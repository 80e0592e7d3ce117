package dev.remora.inspect;

import java.util.Objects;
import java.util.Optional;

/**
 * A sign of an attack.
 *
 * @param rule the id of the rule that found it
 * @param category what it looks like, for example {@code sqli} or {@code xss}
 * @param place where it was found
 * @param score how sure a sign it is, 1 to 100; the scores of a request are added up
 * @param text the beginning of the text in which it was found, without control characters; only when
 *     {@linkplain Inspection#showingTexts asked for}
 */
public record Finding(String rule, String category, Place place, int score, Optional<String> text) {

    private static final int SHOWN = 200;

    /** Creates a finding. */
    public Finding {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(category, "category");
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(text, "text");
        if (score < 1 || score > 100) {
            throw new IllegalArgumentException("score: " + score + " (expected: 1 to 100)");
        }
    }

    /** A finding that does not show the text. */
    public Finding(String rule, String category, Place place, int score) {
        this(rule, category, place, score, Optional.empty());
    }

    Finding showing(String found) {
        StringBuilder shown = new StringBuilder(found.substring(0, Math.min(SHOWN, found.length())));
        for (int i = 0; i < shown.length(); i++) {
            char c = shown.charAt(i);
            // Line separators forge lines of a log, lone surrogates break its encoding.
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029' || Character.isSurrogate(c)) {
                shown.setCharAt(i, '?');
            }
        }
        return new Finding(rule, category, place, score, Optional.of(shown.toString()));
    }

    /** All but the text, which may be secret. */
    @Override
    public String toString() {
        return "Finding[" + rule + ", " + category + ", " + place + ", " + score + "]";
    }
}
