package dev.remora.guard;

import java.util.regex.Pattern;

/** What may be the name of a header or a method (RFC 9110, section 5.6.2). Stateless. */
final class Tokens {

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");

    private Tokens() {}

    /**
     * The name, if it is one.
     *
     * @param what it names, for the message
     */
    static String valid(String what, String name) {
        if (!TOKEN.matcher(name).matches()) {
            throw new IllegalArgumentException(what + ": " + name + " (expected: 1 to 128 characters of a token)");
        }
        return name;
    }
}
