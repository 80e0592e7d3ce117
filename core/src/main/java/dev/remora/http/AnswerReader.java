package dev.remora.http;

/**
 * Reads the JSON of an answer byte by byte and tells of the {@linkplain AnswerMember members} that are known. Strings
 * are passed over as such, so nothing inside of them counts, and so is all that lies in an unknown member, however deep.
 *
 * <p>It keeps a name or a short text and allocates nothing. It judges only what it needs: a document that it takes for
 * whole may break finer rules of RFC 8259. A name that is written with escapes is not recognised.
 */
final class AnswerReader {

    /** Who is told. */
    interface Listener {

        /** A member begins. Returns whether its value is of interest. */
        boolean begins(AnswerMember member);

        /**
         * Its value is a text.
         *
         * @param text holds its bytes, without the backslashes of escapes, during this call only
         * @param length at most {@link #MAX_TEXT_BYTES}: the rest of a longer one is cut off
         */
        void text(AnswerMember member, byte[] text, int length);

        /** Its value is a whole number, at least 0; {@link Long#MAX_VALUE} for one that is larger. */
        void number(AnswerMember member, long value);
    }

    static final int MAX_TEXT_BYTES = 200;

    private enum Place {
        VALUE,
        FIRST_ELEMENT,
        FIRST_NAME,
        NEXT_NAME,
        NAME,
        COLON,
        BEHIND_VALUE,
        TEXT,
        TEXT_ESCAPE,
        NUMBER,
        // A value, or a part of one, that nobody asks for.
        STRING,
        STRING_ESCAPE,
        LITERAL,
        CONTAINER,
        BEHIND_DOCUMENT,
        BROKEN
    }

    private final Listener listener;
    private final AnswerMember[] open = new AnswerMember[AnswerMember.MAX_DEPTH];
    private final byte[] text = new byte[MAX_TEXT_BYTES];
    private Place place = Place.VALUE;
    private AnswerMember member = AnswerMember.DOCUMENT;
    private int depth;
    private int unknownDepth;
    private int textBytes;
    private boolean nameEscaped;
    private long number;

    AnswerReader(Listener listener) {
        this.listener = listener;
    }

    /** Another document begins. */
    void reset() {
        place = Place.VALUE;
        member = AnswerMember.DOCUMENT;
        depth = 0;
        unknownDepth = 0;
    }

    /** Whether an object was read from its first to its last bracket, and nothing behind it. */
    boolean isWhole() {
        return place == Place.BEHIND_DOCUMENT;
    }

    /** Takes the next byte. */
    void next(byte b) {
        // Most bytes.
        if (place == Place.STRING && b != '"' && b != '\\') {
            return;
        }
        switch (place) {
            case STRING -> string(b);
            case CONTAINER -> container(b);
            case NAME -> name(b);
            case TEXT -> text(b);
            case STRING_ESCAPE -> place = Place.STRING;
            case TEXT_ESCAPE -> {
                keep(b);
                place = Place.TEXT;
            }
            case NUMBER -> number(b);
            case LITERAL -> literal(b);
            case BROKEN -> {}
            default -> {
                if (!isSpace(b)) {
                    place = token(b);
                }
            }
        }
    }

    private void string(byte b) {
        if (b == '"') {
            place = unknownDepth > 0 ? Place.CONTAINER : Place.BEHIND_VALUE;
        } else if (b == '\\') {
            place = Place.STRING_ESCAPE;
        }
    }

    private void container(byte b) {
        if (b == '"') {
            place = Place.STRING;
        } else if (b == '{' || b == '[') {
            unknownDepth++;
        } else if ((b == '}' || b == ']') && --unknownDepth == 0) {
            place = Place.BEHIND_VALUE;
        }
    }

    private void name(byte b) {
        if (nameEscaped) {
            // Kept, so that the name ends where it does; it is known no more.
            nameEscaped = false;
            textBytes = MAX_TEXT_BYTES;
        } else if (b == '"') {
            member = open[depth - 1].member(text, textBytes);
            if (member != AnswerMember.UNKNOWN && !listener.begins(member)) {
                member = AnswerMember.UNKNOWN;
            }
            place = Place.COLON;
        } else if (b == '\\') {
            nameEscaped = true;
        } else {
            keep(b);
        }
    }

    private void text(byte b) {
        if (b == '"') {
            listener.text(member, text, textBytes);
            place = Place.BEHIND_VALUE;
        } else if (b == '\\') {
            place = Place.TEXT_ESCAPE;
        } else {
            keep(b);
        }
    }

    private void keep(byte b) {
        if (textBytes < MAX_TEXT_BYTES) {
            text[textBytes++] = b;
        }
    }

    private void number(byte b) {
        if (b >= '0' && b <= '9') {
            int digit = b - '0';
            number = number > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : number * 10 + digit;
        } else if (endsLiteral(b)) {
            listener.number(member, number);
            literal(b);
        } else {
            place = Place.LITERAL;
        }
    }

    private void literal(byte b) {
        if (endsLiteral(b)) {
            place = isSpace(b) ? Place.BEHIND_VALUE : behindValue(b);
        }
    }

    private Place token(byte b) {
        return switch (place) {
            case VALUE -> value(b);
            case FIRST_ELEMENT -> b == ']' ? close() : value(b);
            case FIRST_NAME -> b == '}' ? close() : nameBegins(b);
            case NEXT_NAME -> nameBegins(b);
            case COLON -> b == ':' ? Place.VALUE : Place.BROKEN;
            case BEHIND_VALUE -> behindValue(b);
            default -> Place.BROKEN;
        };
    }

    private Place nameBegins(byte b) {
        textBytes = 0;
        nameEscaped = false;
        return b == '"' ? Place.NAME : Place.BROKEN;
    }

    private Place value(byte b) {
        if (b == '{') {
            return member.isObject() ? open(Place.FIRST_NAME) : unknown();
        } else if (b == '[') {
            return member.isArray() ? open(Place.FIRST_ELEMENT) : unknown();
        } else if (depth == 0 || endsLiteral(b) || b == ':') {
            return Place.BROKEN;
        } else if (b == '"') {
            textBytes = 0;
            return member.isText() ? Place.TEXT : Place.STRING;
        } else if (member.isNumber() && b >= '0' && b <= '9') {
            number = (long) b - '0';
            return Place.NUMBER;
        }
        return Place.LITERAL;
    }

    private Place unknown() {
        if (depth == 0) {
            return Place.BROKEN;
        }
        unknownDepth = 1;
        return Place.CONTAINER;
    }

    private Place open(Place first) {
        open[depth++] = member;
        member = AnswerMember.CHOICE;
        return first;
    }

    private Place behindValue(byte b) {
        boolean array = open[depth - 1].isArray();
        if (b == ',') {
            member = AnswerMember.CHOICE;
            return array ? Place.VALUE : Place.NEXT_NAME;
        }
        return b == (array ? ']' : '}') ? close() : Place.BROKEN;
    }

    private Place close() {
        return --depth == 0 ? Place.BEHIND_DOCUMENT : Place.BEHIND_VALUE;
    }

    private static boolean endsLiteral(byte b) {
        return b == ',' || b == '}' || b == ']' || isSpace(b);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
