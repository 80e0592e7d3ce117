package dev.remora.inspect;

/** The escapes of JavaScript that stand for a character: {@code \x3c}, <code>&#92;u003c</code>, <code>&#92;u{3c}</code>. */
final class EscapeDecoding {

    private static final int MOST_DIGITS = 7;

    private EscapeDecoding() {}

    static String decoded(CharSequence text) {
        StringBuilder decoded = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int end = c == '\\' && i + 1 < text.length() ? escape(text, i + 1, decoded) : -1;
            if (end < 0) {
                decoded.append(c);
                i++;
            } else {
                i = end;
            }
        }
        return decoded.toString();
    }

    // Where the escape ends; -1 when it is none.
    private static int escape(CharSequence text, int kind, StringBuilder decoded) {
        return switch (text.charAt(kind)) {
            case 'x' -> fixed(text, kind + 1, 2, decoded);
            case 'u' -> {
                boolean braced = kind + 1 < text.length() && text.charAt(kind + 1) == '{';
                yield braced ? braced(text, kind + 2, decoded) : fixed(text, kind + 1, 4, decoded);
            }
            default -> -1;
        };
    }

    private static int fixed(CharSequence text, int from, int digits, StringBuilder decoded) {
        int number = Hex.number(text, from, digits);
        if (number < 0) {
            return -1;
        }
        decoded.append((char) number);
        return from + digits;
    }

    private static int braced(CharSequence text, int from, StringBuilder decoded) {
        int end = from;
        while (end < text.length() && end - from < MOST_DIGITS && Hex.digit(text.charAt(end)) >= 0) {
            end++;
        }
        boolean closed = end > from && end < text.length() && text.charAt(end) == '}';
        int point = closed ? Hex.number(text, from, end - from) : -1;
        if (!Character.isValidCodePoint(point)) {
            return -1;
        }
        decoded.appendCodePoint(point);
        return end + 1;
    }
}
