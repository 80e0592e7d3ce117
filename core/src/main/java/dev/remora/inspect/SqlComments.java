package dev.remora.inspect;

/**
 * SQL without its inline comments, and with nothing in their place: a filter in front of the database may do the same, and
 * {@code un/**}{@code /ion} becomes a word. What stands in a comment for versions of MySQL only is code and stays.
 */
final class SqlComments {

    private SqlComments() {}

    static String removed(CharSequence text) {
        StringBuilder kept = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            if (isPair(text, i, '/', '*')) {
                int behind = behindOpening(text, i);
                i = behind > i + 2 ? behind : behindClosing(text, behind);
            } else if (isPair(text, i, '*', '/')) {
                i += 2;
            } else {
                kept.append(text.charAt(i));
                i++;
            }
        }
        return kept.toString();
    }

    /** Behind the sign that begins a comment, or behind {@code /*!50000} when it is for versions of MySQL or MariaDB. */
    static int behindOpening(CharSequence text, int at) {
        int i = at + 2;
        if (isPair(text, i, 'M', '!') || isPair(text, i, 'm', '!')) {
            i++;
        }
        if (i >= text.length() || text.charAt(i) != '!') {
            return at + 2;
        }
        i++;
        while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    /** Behind the next end of a comment; the end of the text when there is none. */
    static int behindClosing(CharSequence text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (isPair(text, i, '*', '/')) {
                return i + 2;
            }
        }
        return text.length();
    }

    static boolean isPair(CharSequence text, int at, char first, char second) {
        return at + 1 < text.length() && text.charAt(at) == first && text.charAt(at + 1) == second;
    }
}
