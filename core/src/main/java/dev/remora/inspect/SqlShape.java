package dev.remora.inspect;

/**
 * What a text looks like to whom SQL is written into it: one character for each word, one line for each way to read it. The
 * first line begins with {@code 0} and reads the text as a place for a number would; the others, there when the text has
 * such a quote, begin with {@code '} and {@code "} and read it from the inside of a string, which their first token is:
 * {@code O'Brien} is <code>0ws</code> and <code>'sw</code>, and {@code ' or 1=1 --} is <code>'s&amp;n=nc</code>.
 *
 * <p>The idea, to look for the tokens of a fragment instead of for words, is that of libinjection. Words are the tokens of
 * {@link SqlWords}; the others are
 *
 * <pre>
 *   n  a number, or a string of digits         =  a comparison, or an assignment
 *   s  a string                                &amp;  || or &amp;&amp; (as and, or, xor)
 *   v  a variable: @x, @@version               ~  ! or ~ (as not)
 *   c  a comment to the end of the line, with  +  arithmetic, but * which is itself, as are ( ) , ; .
 *      at most three characters in it          x  anything else
 *   C  such a comment with more in it
 * </pre>
 *
 * Inline comments are space. The text is to be in lower case.
 */
final class SqlShape {

    private static final int SHORT_TAIL = 3;

    private final CharSequence text;
    private final StringBuilder shape;
    private int at;

    private SqlShape(CharSequence text, StringBuilder shape) {
        this.text = text;
        this.shape = shape;
    }

    static String of(CharSequence text) {
        StringBuilder shape = new StringBuilder(16 + text.length() / 2).append('0');
        new SqlShape(text, shape).read();
        fromInside(text, '\'', shape);
        fromInside(text, '"', shape);
        return shape.toString();
    }

    private static void fromInside(CharSequence text, char quote, StringBuilder shape) {
        SqlShape inside = new SqlShape(text, shape);
        inside.at = inside.behind(quote, 0);
        if (inside.at >= 0) {
            shape.append('\n').append(quote).append('s');
            inside.read();
        }
    }

    private void read() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (Folding.isSpace(c) || c == '`' || c == '[' || c == ']') {
                at++;
            } else if (c == '\'' || c == '"') {
                string(c);
            } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
                number();
            } else if (isWordStart(c)) {
                word();
            } else if (c == '@' && (peek(1) == '@' || isWordStart(peek(1)))) {
                variable();
            } else if (!comment(c)) {
                sign(c);
            }
        }
    }

    private void string(char quote) {
        int start = at + 1;
        int behind = behind(quote, start);
        at = behind < 0 ? text.length() : behind;
        int end = behind < 0 ? at : behind - 1;
        shape.append(start < end && isNumber(start, end) ? 'n' : 's');
    }

    private boolean isNumber(int start, int end) {
        for (int i = start; i < end; i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private void number() {
        boolean hex = text.charAt(at) == '0' && peek(1) == 'x' && Hex.digit(peek(2)) >= 0;
        at += hex ? 2 : 0;
        while (at < text.length() && (hex ? Hex.digit(text.charAt(at)) >= 0 : isDecimal(at))) {
            at++;
        }
        shape.append('n');
    }

    // Digits, a point, an exponent.
    private boolean isDecimal(int i) {
        char c = text.charAt(i);
        return isDigit(c) || c == '.' || (c == 'e' && i + 1 < text.length() && isDigit(text.charAt(i + 1)));
    }

    private void word() {
        int start = at;
        skipWord();
        String word = text.subSequence(start, at).toString();
        shape.append(SqlWords.token(word, opensParenthesis()));
    }

    private boolean opensParenthesis() {
        int i = at;
        while (i < text.length() && Folding.isSpace(text.charAt(i))) {
            i++;
        }
        return i < text.length() && text.charAt(i) == '(';
    }

    private void variable() {
        at += peek(1) == '@' ? 2 : 1;
        skipWord();
        shape.append('v');
    }

    // A qualified name is one word.
    private void skipWord() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (!isWordStart(c) && !isDigit(c) && !(c == '.' && isWordStart(peek(1)))) {
                return;
            }
            at++;
        }
    }

    private boolean comment(char c) {
        if (c == '/' && peek(1) == '*') {
            int code = SqlComments.behindOpening(text, at);
            int end = code > at + 2 ? code : SqlComments.behindClosing(text, code);
            boolean open = code == at + 2 && !(end >= code + 2 && SqlComments.isPair(text, end - 2, '*', '/'));
            if (open) {
                shape.append(end - code <= SHORT_TAIL ? 'c' : 'C');
            }
            at = end;
            return true;
        }
        if (SqlComments.isPair(text, at, '*', '/')) {
            at += 2;
            return true;
        }
        if (c == '#' || (c == '-' && peek(1) == '-')) {
            lineComment(at + (c == '#' ? 1 : 2));
            return true;
        }
        return false;
    }

    private void lineComment(int from) {
        int end = behind('\n', from);
        int tail = (end < 0 ? text.length() : end - 1) - from;
        shape.append(tail <= SHORT_TAIL ? 'c' : 'C');
        at = end < 0 ? text.length() : end;
    }

    private void sign(char c) {
        switch (c) {
            case '=', '<', '>' -> comparison();
            case '!' -> {
                boolean unequal = peek(1) == '=';
                at += unequal ? 2 : 1;
                shape.append(unequal ? '=' : '~');
            }
            case '|', '&' -> {
                boolean logical = peek(1) == c;
                at += logical ? 2 : 1;
                shape.append(logical ? '&' : '+');
            }
            default -> {
                at++;
                shape.append(token(c));
            }
        }
    }

    private void comparison() {
        while (at < text.length() && "=<>".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        shape.append('=');
    }

    private static char token(char sign) {
        return switch (sign) {
            case '(', ')', ',', ';', '.', '*', '~' -> sign;
            case '+', '-', '/', '%', '^' -> '+';
            default -> 'x';
        };
    }

    private char peek(int ahead) {
        return at + ahead < text.length() ? text.charAt(at + ahead) : '\0';
    }

    private int behind(char c, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == c) {
                return i + 1;
            }
        }
        return -1;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWordStart(char c) {
        return (c >= 'a' && c <= 'z') || c == '_' || c == '$' || (c >= 0x80 && !Folding.isSpace(c));
    }
}
