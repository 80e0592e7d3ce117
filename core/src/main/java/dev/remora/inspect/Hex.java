package dev.remora.inspect;

/** Hexadecimal digits in the middle of a text. */
final class Hex {

    private Hex() {}

    /** The number that so many digits make, at most 7; -1 when one of them is none, or missing. */
    static int number(CharSequence text, int from, int digits) {
        if (from + digits > text.length()) {
            return -1;
        }
        int number = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0) {
                return -1;
            }
            number = number << 4 | digit;
        }
        return number;
    }

    static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
