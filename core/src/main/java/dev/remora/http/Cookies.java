package dev.remora.http;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Reading and editing of {@code Cookie} request headers (RFC 6265, section 5.4). Stateless. */
public final class Cookies {

    // Who sends a thousand of them wants us to check a thousand signatures.
    private static final int MOST_READ = 16;

    private Cookies() {}

    /** The value of the first cookie of a name, without its quotes if it has some. Cookie names heed case. */
    public static Optional<String> find(List<String> cookieHeaders, String name) {
        return find(cookieHeaders, name, (header, from, to) -> Optional.of(header.substring(from, to)));
    }

    /**
     * What a reader makes of a cookie of a name, without a copy of its value: of the first that it can read, of the first 16,
     * since browsers send several when their paths differ.
     *
     * @param <T> what it makes of it
     */
    public static <T> Optional<T> find(List<String> cookieHeaders, String name, ValueReader<T> reader) {
        int left = MOST_READ;
        for (int i = 0; i < cookieHeaders.size(); i++) {
            String header = cookieHeaders.get(i);
            for (int start = 0; start < header.length() && left > 0; ) {
                int end = end(header, start);
                int value = valueStart(header, start, end, name);
                if (value >= 0) {
                    left--;
                    Optional<T> read = readTrimmed(header, value, end, reader);
                    if (read.isPresent()) {
                        return read;
                    }
                }
                start = end + 1;
            }
        }
        return Optional.empty();
    }

    /**
     * Reads the value of a cookie where it stands.
     *
     * @param <T> what it makes of it
     */
    @FunctionalInterface
    public interface ValueReader<T> {
        /** Reads the characters of a header from a place up to, and without, another one. */
        Optional<T> read(String header, int from, int to);
    }

    /** A {@code Cookie} header without the cookies of a name; nothing when no other cookie is left in it. */
    public static Optional<String> without(String cookieHeader, String name) {
        StringBuilder kept = new StringBuilder(cookieHeader.length());
        for (int start = 0; start < cookieHeader.length(); start = end(cookieHeader, start) + 1) {
            int end = end(cookieHeader, start);
            String pair = cookieHeader.substring(start, end).strip();
            if (!pair.isEmpty() && valueStart(cookieHeader, start, end, name) < 0) {
                kept.append(kept.length() == 0 ? "" : "; ").append(pair);
            }
        }
        return kept.length() == 0 ? Optional.empty() : Optional.of(kept.toString());
    }

    /** A {@code Cookie} header whose cookies of a name have another value; all else stays as it was. */
    public static String mapped(String cookieHeader, String name, UnaryOperator<String> change) {
        StringBuilder changed = new StringBuilder(cookieHeader.length());
        for (int start = 0; start < cookieHeader.length(); ) {
            int end = end(cookieHeader, start);
            int value = valueStart(cookieHeader, start, end, name);
            if (value < 0) {
                changed.append(cookieHeader, start, end);
            } else {
                changed.append(cookieHeader, start, value).append(change.apply(cookieHeader.substring(value, end)));
            }
            if (end < cookieHeader.length()) {
                changed.append(';');
            }
            start = end + 1;
        }
        return changed.toString();
    }

    /** The name and value of a {@code Set-Cookie} header, as a client would send them. */
    public static String pair(String setCookie) {
        return setCookie.substring(0, end(setCookie, 0));
    }

    /** Whether a {@code Set-Cookie} header deletes its cookie by {@code Max-Age}: of 0, or a negative one. */
    public static boolean deletes(String setCookie) {
        for (int start = end(setCookie, 0) + 1; start < setCookie.length(); start = end(setCookie, start) + 1) {
            String attribute = setCookie.substring(start, end(setCookie, start)).strip();
            if (attribute.regionMatches(true, 0, "max-age=", 0, 8)) {
                return isOver(attribute.substring(8).strip());
            }
        }
        return false;
    }

    // What is no number is not heeded (RFC 6265, section 5.2.2).
    private static boolean isOver(String age) {
        boolean negative = age.startsWith("-");
        String digits = negative ? age.substring(1) : age;
        boolean isNumber = !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber && (negative || digits.chars().allMatch(c -> c == '0'));
    }

    /** Whether a {@code Set-Cookie} header sets, or deletes, a cookie of a name. */
    public static boolean sets(String setCookie, String name) {
        return valueStart(setCookie, 0, end(setCookie, 0), name) >= 0;
    }

    /** Whether a text is an HTTP token (RFC 9110, section 5.6.2), as names of cookies and headers must be. */
    public static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(Cookies::isTokenCharacter);
    }

    static boolean isTokenCharacter(int c) {
        boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private static int end(String header, int start) {
        int semicolon = header.indexOf(';', start);
        return semicolon < 0 ? header.length() : semicolon;
    }

    // Behind the equals sign, or -1 when it is a cookie of another name.
    private static int valueStart(String header, int start, int end, String name) {
        int from = skipSpace(header, start, end);
        if (!header.startsWith(name, from)) {
            return -1;
        }
        int equals = skipSpace(header, from + name.length(), end);
        return equals < end && header.charAt(equals) == '=' ? equals + 1 : -1;
    }

    private static <T> Optional<T> readTrimmed(String header, int start, int end, ValueReader<T> reader) {
        int from = skipSpace(header, start, end);
        int to = end;
        while (to > from && isSpace(header.charAt(to - 1))) {
            to--;
        }
        boolean quoted = to - from >= 2 && header.charAt(from) == '"' && header.charAt(to - 1) == '"';
        return quoted ? reader.read(header, from + 1, to - 1) : reader.read(header, from, to);
    }

    private static int skipSpace(String header, int start, int end) {
        int from = start;
        while (from < end && isSpace(header.charAt(from))) {
            from++;
        }
        return from;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }
}
