package dev.remora.inspect;

import java.util.function.BiConsumer;

/**
 * The strings of a text in JSON, in order. The text may be cut anywhere, or be no JSON at all: whatever stands between two
 * quotes is a string. Owned by one thread.
 */
final class JsonStrings {

    private final String text;
    private String name = "";
    private int at;

    JsonStrings(String text) {
        this.text = text;
    }

    /** Hands over each string, names of members too, with the name of the member before it; empty when there is none. */
    void forEach(BiConsumer<String, String> taker) {
        for (int quote = text.indexOf('"'); quote >= 0; quote = text.indexOf('"', at)) {
            at = quote + 1;
            String string = string();
            if (isName()) {
                name = string;
            }
            taker.accept(name, string);
        }
    }

    private boolean isName() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
        return at < text.length() && text.charAt(at) == ':';
    }

    // Ends behind the quote that closes it.
    private String string() {
        StringBuilder string = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                break;
            }
            string.append(c == '\\' && at < text.length() ? escaped() : c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = text.charAt(at++);
        int unit = c == 'u' ? Hex.number(text, at, 4) : -1;
        if (unit >= 0) {
            at += 4;
            return (char) unit;
        }
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> c;
        };
    }
}
