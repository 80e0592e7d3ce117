package dev.remora.inspect;

import java.util.Map;

/**
 * Undoes one way to write the same text otherwise. Reads its text from the front to the back, each character a few times at
 * most, and makes at most three characters of one. Stateless.
 */
@FunctionalInterface
interface Transformation {

    Map<String, Transformation> NAMED = Map.ofEntries(
            Map.entry("percent", text -> PercentDecoding.decoded(text, false)),
            Map.entry("escapes", EscapeDecoding::decoded),
            Map.entry("entities", EntityDecoding::decoded),
            Map.entry("fold", Folding::folded),
            Map.entry("visible", Folding::visible),
            Map.entry("lower", Folding::lower),
            Map.entry("comments", SqlComments::removed),
            Map.entry("spaces", Folding::spaced),
            Map.entry("lines", Folding::unbroken),
            Map.entry("sql", SqlShape::of));

    String of(CharSequence text);
}
