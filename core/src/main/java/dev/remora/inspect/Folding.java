package dev.remora.inspect;

/** Makes one character of those that somebody behind us may take for it. */
final class Folding {

    private Folding() {}

    /** Full-width forms and other letters and signs that databases and old browsers take for those of ASCII. */
    static String folded(CharSequence text) {
        StringBuilder folded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            folded.append(folded(text.charAt(i)));
        }
        return folded.toString();
    }

    private static char folded(char c) {
        if (c < 0x80) {
            return c;
        }
        if (c >= '\uFF01' && c <= '\uFF5E') {
            return (char) (c - '\uFF01' + '!');
        }
        return switch (c) {
            case '\u02B9', '\u02BC', '\u2032' -> '\'';
            case '\u02BA', '\u2033' -> '"';
            case '\u2039', '\uFE64' -> '<';
            case '\u203A', '\uFE65' -> '>';
            case '\u017F' -> 's';
            case '\u212A' -> 'k';
            default -> c;
        };
    }

    /** Lower case, character by character: String.toLowerCase takes quadratic time where one becomes two, as U+0130 does. */
    static String lower(CharSequence text) {
        StringBuilder lower = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            lower.append(Character.toLowerCase(text.charAt(i)));
        }
        return lower.toString();
    }

    /** Without NULs and what else takes no room: zero-width characters, joiners, soft hyphens, byte order marks. */
    static String visible(CharSequence text) {
        StringBuilder visible = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean hidden =
                    c == 0 || c == '\u00AD' || (c >= '\u200B' && c <= '\u200F') || c == '\u2060' || c == '\uFEFF';
            if (!hidden) {
                visible.append(c);
            }
        }
        return visible.toString();
    }

    /** One space for whatever some database takes for space, and for any number of them. */
    static String spaced(CharSequence text) {
        StringBuilder spaced = new StringBuilder(text.length());
        boolean behindSpace = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean space = isSpace(c);
            if (!space || !behindSpace) {
                spaced.append(space ? ' ' : c);
            }
            behindSpace = space;
        }
        return spaced.toString();
    }

    /** Without tabs and line ends, which browsers ignore in the middle of a URL, and other controls. */
    static String unbroken(CharSequence text) {
        StringBuilder unbroken = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isISOControl(c)) {
                unbroken.append(c);
            }
        }
        return unbroken.toString();
    }

    static boolean isSpace(char c) {
        // U+FFFD stands for a lone byte, which in Latin-1 may be a no-break space.
        return c <= ' '
                || c == '\u007F'
                || c == '\u0085'
                || c == '\u00A0'
                || c == '\uFFFD'
                || Character.isWhitespace(c);
    }
}
