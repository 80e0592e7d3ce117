package dev.remora.http;

import java.util.List;
import java.util.Optional;

/** Reading and editing of {@code Cookie} request headers (RFC 6265, section 5.4). Stateless. */
public final class Cookies {

    private Cookies() {}

    /** The value of the first cookie of a name, without its quotes if it has some. Cookie names heed case. */
    public static Optional<String> find(List<String> cookieHeaders, String name) {
        for (String header : cookieHeaders) {
            for (int start = 0; start < header.length(); start = end(header, start) + 1) {
                int end = end(header, start);
                if (isNamed(header, start, end, name)) {
                    return Optional.of(unquoted(header.substring(header.indexOf('=', start) + 1, end)
                            .strip()));
                }
            }
        }
        return Optional.empty();
    }

    /** A {@code Cookie} header without the cookies of a name; nothing when no other cookie is left in it. */
    public static Optional<String> without(String cookieHeader, String name) {
        StringBuilder kept = new StringBuilder(cookieHeader.length());
        for (int start = 0; start < cookieHeader.length(); start = end(cookieHeader, start) + 1) {
            int end = end(cookieHeader, start);
            String pair = cookieHeader.substring(start, end).strip();
            if (!pair.isEmpty() && !isNamed(cookieHeader, start, end, name)) {
                kept.append(kept.length() == 0 ? "" : "; ").append(pair);
            }
        }
        return kept.length() == 0 ? Optional.empty() : Optional.of(kept.toString());
    }

    /** Whether a text is an HTTP token (RFC 9110, section 5.6.2), as names of cookies and headers must be. */
    public static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(Cookies::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int c) {
        boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private static int end(String header, int start) {
        int semicolon = header.indexOf(';', start);
        return semicolon < 0 ? header.length() : semicolon;
    }

    private static boolean isNamed(String header, int start, int end, String name) {
        int from = start;
        while (from < end && (header.charAt(from) == ' ' || header.charAt(from) == '\t')) {
            from++;
        }
        int equals = header.indexOf('=', from);
        return equals >= 0
                && equals < end
                && header.substring(from, equals).stripTrailing().equals(name);
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
