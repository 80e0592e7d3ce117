package dev.remora.inspect;

import java.util.Map;

/**
 * The character references of HTML: all numeric ones, and the names of the characters that matter to markup and scripts.
 * As browsers do it, a numeric one needs no semicolon.
 */
final class EntityDecoding {

    private static final int LONGEST_NAME = 7;

    // Leading zeros are as many as the sender likes.
    private static final int TOO_LARGE = 0x200000;

    private static final Map<String, Character> NAMES = Map.ofEntries(
            Map.entry("lt", '<'),
            Map.entry("gt", '>'),
            Map.entry("amp", '&'),
            Map.entry("quot", '"'),
            Map.entry("apos", '\''),
            Map.entry("nbsp", '\u00A0'),
            Map.entry("tab", '\t'),
            Map.entry("newline", '\n'),
            Map.entry("colon", ':'),
            Map.entry("semi", ';'),
            Map.entry("lpar", '('),
            Map.entry("rpar", ')'),
            Map.entry("sol", '/'),
            Map.entry("bsol", '\\'),
            Map.entry("equals", '='),
            Map.entry("grave", '`'),
            Map.entry("period", '.'),
            Map.entry("comma", ','),
            Map.entry("lsqb", '['),
            Map.entry("rsqb", ']'),
            Map.entry("lcub", '{'),
            Map.entry("rcub", '}'),
            Map.entry("num", '#'),
            Map.entry("excl", '!'));

    private EntityDecoding() {}

    static String decoded(CharSequence text) {
        StringBuilder decoded = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int end = c == '&' ? reference(text, i + 1, decoded) : -1;
            if (end < 0) {
                decoded.append(c);
                i++;
            } else {
                i = end;
            }
        }
        return decoded.toString();
    }

    // Where the reference ends; -1 when it is none.
    private static int reference(CharSequence text, int from, StringBuilder decoded) {
        if (from < text.length() && text.charAt(from) == '#') {
            boolean hex = from + 1 < text.length() && (text.charAt(from + 1) | 0x20) == 'x';
            return numeric(text, from + (hex ? 2 : 1), hex ? 16 : 10, decoded);
        }
        return named(text, from, decoded);
    }

    private static int numeric(CharSequence text, int from, int radix, StringBuilder decoded) {
        int number = 0;
        int end = from;
        while (end < text.length()) {
            int digit = Hex.digit(text.charAt(end));
            if (digit < 0 || digit >= radix) {
                break;
            }
            number = Math.min(TOO_LARGE, number * radix + digit);
            end++;
        }
        if (end == from) {
            return -1;
        }
        decoded.appendCodePoint(Character.isValidCodePoint(number) ? number : '\uFFFD');
        return skipSemicolon(text, end);
    }

    private static int named(CharSequence text, int from, StringBuilder decoded) {
        StringBuilder name = new StringBuilder(LONGEST_NAME);
        int end = from;
        while (end < text.length() && end - from < LONGEST_NAME && isLetter(text.charAt(end))) {
            name.append((char) (text.charAt(end) | 0x20));
            end++;
        }
        Character character = NAMES.get(name.toString());
        if (character == null || end >= text.length() || text.charAt(end) != ';') {
            return -1;
        }
        decoded.append(character.charValue());
        return end + 1;
    }

    private static int skipSemicolon(CharSequence text, int end) {
        return end < text.length() && text.charAt(end) == ';' ? end + 1 : end;
    }

    private static boolean isLetter(char c) {
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'z' && c < 0x80;
    }
}
