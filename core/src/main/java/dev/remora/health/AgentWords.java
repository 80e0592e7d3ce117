package dev.remora.health;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * The words of HAProxy's agent checks, one line of them: {@code up}, {@code ready}, {@code drain}, {@code down},
 * {@code fail}, {@code failed}, {@code stopped}, {@code maint} and a percentage of the weight, in any order, separated by
 * blanks or commas. What follows a {@code #} is a remark. Unknown words are passed over.
 *
 * @param known the words that were understood, as they are logged
 * @param passed whether the back end says that it is fit; null when the words say nothing of it
 */
record AgentWords(Set<String> known, @Nullable Boolean passed, OptionalDouble share, Optional<Boolean> draining) {

    private static final int MAX_PERCENT = (int) (100 * ProbeAnswer.MAX_SHARE);

    static AgentWords parse(String line) {
        int remark = line.indexOf('#');
        StringTokenizer words = new StringTokenizer(remark < 0 ? line : line.substring(0, remark), " \t,\r\n");
        Set<String> known = new LinkedHashSet<>();
        Boolean passed = null;
        Boolean draining = null;
        int percent = -1;
        while (words.hasMoreTokens()) {
            String word = words.nextToken().toLowerCase(Locale.ROOT);
            boolean understood = true;
            switch (word) {
                case "up", "ready" -> {
                    passed = passed == null || passed;
                    draining = draining != null && draining;
                }
                case "drain" -> draining = true;
                case "down", "fail", "failed", "stopped", "maint" -> passed = false;
                default -> {
                    int share = percent(word);
                    understood = share >= 0;
                    percent = understood ? share : percent;
                }
            }
            if (understood) {
                known.add(word);
            }
        }
        return new AgentWords(
                known,
                passed,
                percent < 0 ? OptionalDouble.empty() : OptionalDouble.of(percent / 100.0),
                Optional.ofNullable(draining));
    }

    /** The same verdict with the wishes of these words, which may turn it. */
    ProbeAnswer with(ProbeAnswer verdict) {
        if (known.isEmpty()) {
            return verdict;
        }
        boolean unfit = Boolean.FALSE.equals(passed);
        return new ProbeAnswer(
                verdict.passed() && !unfit,
                unfit || (verdict.passed() && passed != null),
                share,
                draining,
                verdict.passed() ? text() : verdict.reason());
    }

    String text() {
        String text = "it says " + String.join(" ", known);
        return text.substring(0, Math.min(text.length(), ProbeAnswer.MAX_REASON));
    }

    // Four characters are enough for all that are allowed, so that no number overflows.
    private static int percent(String word) {
        int digits = word.length() - 1;
        if (digits < 1 || digits > 3 || word.charAt(digits) != '%') {
            return -1;
        }
        int percent = 0;
        for (int i = 0; i < digits; i++) {
            char c = word.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            percent = 10 * percent + (c - '0');
        }
        return percent <= MAX_PERCENT ? percent : -1;
    }
}
