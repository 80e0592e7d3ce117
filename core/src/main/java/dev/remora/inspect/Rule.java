package dev.remora.inspect;

import com.google.re2j.Pattern;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What one thing looks like.
 *
 * @param id by which it is told from others
 * @param category of what it finds
 * @param places where it looks
 * @param transformations of the text, in order
 * @param needs it looks only at transformed texts in which one of these stands; at all when there are none
 * @param patterns one of them is in what it looks for
 * @param score how sure a sign it is, 1 to 100
 */
record Rule(
        String id,
        String category,
        Set<Place> places,
        List<Transformation> transformations,
        List<String> needs,
        List<Pattern> patterns,
        int score) {

    Rule {
        places = Set.copyOf(places);
        transformations = List.copyOf(transformations);
        needs = List.copyOf(needs);
        patterns = List.copyOf(patterns);
        if (places.isEmpty()) {
            throw new IllegalArgumentException("in: nowhere (expected: one of " + EnumSet.allOf(Place.class) + ")");
        }
        if (patterns.isEmpty()) {
            throw new IllegalArgumentException("match: none (expected: at least one)");
        }
        if (score < 1 || score > 100) {
            throw new IllegalArgumentException("score: " + score + " (expected: 1 to 100)");
        }
    }

    boolean isIn(String text) {
        return isWorthALook(text)
                && patterns.stream().anyMatch(pattern -> pattern.matcher(text).find());
    }

    private boolean isWorthALook(String text) {
        return needs.isEmpty() || needs.stream().anyMatch(text::contains);
    }

    Finding finding(Place place) {
        return new Finding(id, category, place, score);
    }
}
