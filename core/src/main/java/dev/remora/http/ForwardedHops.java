package dev.remora.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The hops of {@code Forwarded} fields (RFC 7239), the nearest first. They are read from the right: what the last proxy wrote
 * is understood before anything that was there before it, so that a client which leaves a quote open changes nothing of it.
 * At the first hop that is malformed reading ends, since no proxy wrote it. Not thread-safe.
 */
final class ForwardedHops {

    private final List<String> fields;
    private int field;
    private String text = "";
    // Behind the last character that was not read yet.
    private int end;
    private boolean malformed;

    ForwardedHops(List<String> fields) {
        this.fields = fields;
        this.field = fields.size();
    }

    /**
     * One hop.
     *
     * @param from the {@code for} parameter, unquoted; empty when there is none
     * @param proto likewise, in lower case
     */
    record Hop(String from, String proto) {}

    /** The next hop to the left. */
    Optional<Hop> next() {
        while (!malformed) {
            skip(',');
            if (end > 0) {
                return element();
            }
            if (field == 0) {
                return Optional.empty();
            }
            text = fields.get(--field);
            end = text.length();
        }
        return Optional.empty();
    }

    // Blanks, and separators that separate nothing.
    private void skip(char separator) {
        while (end > 0 && (isBlank(text.charAt(end - 1)) || text.charAt(end - 1) == separator)) {
            end--;
        }
    }

    private Optional<Hop> element() {
        String from = "";
        String proto = "";
        do {
            skip(';');
            String value = value();
            String name = name();
            if (malformed || (name.equals("for") && !from.isEmpty()) || (name.equals("proto") && !proto.isEmpty())) {
                malformed = true;
                return Optional.empty();
            }
            if (name.equals("for")) {
                from = value;
            } else if (name.equals("proto")) {
                proto = value.toLowerCase(Locale.ROOT);
            }
        } while (isMoreOfIt());
        return Optional.of(new Hop(from, proto));
    }

    private boolean isMoreOfIt() {
        while (end > 0 && isBlank(text.charAt(end - 1))) {
            end--;
        }
        if (end == 0 || text.charAt(end - 1) == ',') {
            return false;
        }
        if (text.charAt(end - 1) != ';') {
            malformed = true;
            return false;
        }
        skip(';');
        return end > 0 && text.charAt(end - 1) != ',';
    }

    // Up to the equals sign.
    private String value() {
        if (end > 0 && text.charAt(end - 1) == '"') {
            return quoted();
        }
        int start = end;
        while (start > 0 && isPlain(text.charAt(start - 1))) {
            start--;
        }
        String value = text.substring(start, end);
        end = start;
        return value;
    }

    private String quoted() {
        int close = end - 1;
        int open = text.lastIndexOf('"', close - 1);
        while (open > 0 && text.charAt(open - 1) == '\\') {
            open = text.lastIndexOf('"', open - 1);
        }
        if (open < 0) {
            malformed = true;
            return "";
        }
        StringBuilder value = new StringBuilder(close - open);
        for (int i = open + 1; i < close; i++) {
            if (text.charAt(i) == '\\' && ++i == close) {
                malformed = true;
                return "";
            }
            value.append(text.charAt(i));
        }
        end = open;
        return value.toString();
    }

    private String name() {
        if (end == 0 || text.charAt(end - 1) != '=') {
            malformed = true;
            return "";
        }
        int close = --end;
        while (end > 0 && Cookies.isTokenCharacter(text.charAt(end - 1))) {
            end--;
        }
        if (end == close) {
            malformed = true;
        }
        return text.substring(end, close).toLowerCase(Locale.ROOT);
    }

    // Wider than a token: proxies leave out the quotes of addresses.
    private static boolean isPlain(char c) {
        return c > ' ' && c < 0x7f && "\",;=\\".indexOf(c) < 0;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
