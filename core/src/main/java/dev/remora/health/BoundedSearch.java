package dev.remora.health;

import java.util.regex.Pattern;

/**
 * A text that may be looked at only so often. An expression that goes back and forth over it, as some do for years, ends
 * that way.
 */
final class BoundedSearch implements CharSequence {

    private static final int MAX_STEPS = 10_000_000;

    private final String text;
    private int steps;

    private BoundedSearch(String text) {
        this.text = text;
    }

    /** Whether the pattern is found in the text within the steps. */
    static boolean find(Pattern pattern, String text) {
        try {
            return pattern.matcher(new BoundedSearch(text)).find();
        } catch (TooManySteps e) {
            return false;
        }
    }

    @Override
    public char charAt(int index) {
        if (++steps > MAX_STEPS) {
            throw new TooManySteps();
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text;
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
