package dev.remora.http;

import java.util.BitSet;

/** The character classes of HTTP's grammar (RFC 9110, section 5.6), by byte. Stateless. */
public final class Characters {

    private static final BitSet TOKEN = set("!#$%&'*+-.^_`|~");
    private static final BitSet HOST = set("-._~!$&'()*+,;=%");

    private Characters() {}

    /** {@code tchar}: a character of a method or of a header's name. */
    public static boolean isToken(int c) {
        return c > 0 && TOKEN.get(c);
    }

    /** A character of a registered name or IPv4 address in a URI's authority. */
    public static boolean isHost(int c) {
        return c > 0 && HOST.get(c);
    }

    /** Anything printable but the space; bytes above ASCII count, being judged elsewhere. */
    public static boolean isVisible(byte c) {
        return c < 0 || (c > ' ' && c != 0x7f);
    }

    /** What must not be in a header's value or a reason phrase. */
    public static boolean isControl(byte c) {
        return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f;
    }

    /** A decimal digit. */
    public static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    /** A space or a tab. */
    public static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private static BitSet set(String others) {
        BitSet set = new BitSet(128);
        set.set('0', '9' + 1);
        set.set('A', 'Z' + 1);
        set.set('a', 'z' + 1);
        others.chars().forEach(set::set);
        return set;
    }
}
