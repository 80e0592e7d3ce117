package dev.remora.inspect;

/**
 * Percent-decoding that takes whatever comes, as the most careless back end would: what is no escape stays as it is,
 * {@code %u003c} is one (as in old versions of ASP), overlong UTF-8 is read, and bytes that are no UTF-8 become U+FFFD.
 */
final class PercentDecoding {

    private static final char REPLACEMENT = '\uFFFD';

    private PercentDecoding() {}

    /**
     * The text, decoded once.
     *
     * @param plusIsSpace as forms write it
     */
    static String decoded(CharSequence text, boolean plusIsSpace) {
        StringBuilder decoded = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int unit = c == '%' ? unit(text, i) : -1;
            int octet = c == '%' && unit < 0 ? octet(text, i) : -1;
            if (unit >= 0) {
                decoded.append((char) unit);
                i += 6;
            } else if (octet >= 0) {
                int following = following(octet);
                int point = codePoint(text, i, octet, following);
                decoded.appendCodePoint(point < 0 ? REPLACEMENT : point);
                i += point < 0 ? 3 : 3 + 3 * following;
            } else {
                decoded.append(plusIsSpace && c == '+' ? ' ' : c);
                i++;
            }
        }
        return decoded.toString();
    }

    private static int unit(CharSequence text, int at) {
        boolean marked = at + 1 < text.length() && (text.charAt(at + 1) | 0x20) == 'u';
        return marked ? Hex.number(text, at + 2, 4) : -1;
    }

    private static int octet(CharSequence text, int at) {
        return at < text.length() && text.charAt(at) == '%' ? Hex.number(text, at + 1, 2) : -1;
    }

    // How many octets the first of a sequence announces; none when it cannot be the first.
    private static int following(int first) {
        if (first >= 0xC0 && first < 0xE0) {
            return 1;
        }
        return first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xF0 && first < 0xF8 ? 3 : 0;
    }

    private static int codePoint(CharSequence text, int at, int first, int following) {
        if (following == 0) {
            return first < 0x80 ? first : -1;
        }
        int point = first & (0x3F >> following);
        for (int i = 1; i <= following; i++) {
            int octet = octet(text, at + 3 * i);
            if ((octet & 0xC0) != 0x80 || octet < 0) {
                return -1;
            }
            point = (point << 6) | (octet & 0x3F);
        }
        return Character.isValidCodePoint(point) ? point : -1;
    }
}
