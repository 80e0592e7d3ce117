package dev.remora.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One hop of a {@code Forwarded} field (RFC 7239): who asked, and how.
 *
 * @param from the {@code for} parameter, unquoted; empty when there is none
 * @param proto likewise, in lower case
 */
record ForwardedElement(String from, String proto) {

    private static final ForwardedElement MALFORMED = new ForwardedElement("", "");

    /** All hops of all fields, the nearest last. One that is malformed says nothing; so no hop left of it is believed. */
    static List<ForwardedElement> parse(List<String> fields) {
        List<ForwardedElement> elements = new ArrayList<>();
        for (String field : fields) {
            for (String element : split(field, ',')) {
                if (!element.isBlank()) {
                    elements.add(element(element));
                }
            }
        }
        return elements;
    }

    private static ForwardedElement element(String text) {
        String from = "";
        String proto = "";
        for (String pair : split(text, ';')) {
            int equals = pair.indexOf('=');
            if (equals < 0) {
                if (pair.isBlank()) {
                    continue;
                }
                return MALFORMED;
            }
            String name = pair.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            String value = unquoted(pair.substring(equals + 1).strip());
            switch (name) {
                case "for" -> from = value;
                case "proto" -> proto = value.toLowerCase(Locale.ROOT);
                default -> {
                    // by and host say nothing of the client
                }
            }
        }
        return new ForwardedElement(from, proto);
    }

    // At a separator, unless it stands in a quoted string.
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static String unquoted(String value) {
        if (value.length() < 2 || value.charAt(0) != '"' || value.charAt(value.length() - 1) != '"') {
            return value;
        }
        StringBuilder text = new StringBuilder(value.length());
        for (int i = 1; i < value.length() - 1; i++) {
            char c = value.charAt(i);
            text.append(c == '\\' && i < value.length() - 2 ? value.charAt(++i) : c);
        }
        return text.toString();
    }
}
