package dev.remora.http;

/**
 * Where the events of a {@code text/event-stream} begin and end, told byte by byte from the first one on, as the WHATWG
 * HTML standard reads it ("Server-sent events", section on parsing). Lines end with CR, LF or CRLF.
 *
 * <p>It keeps no bytes and allocates nothing. Not thread-safe.
 */
public final class EventStreamEvents {

    private enum Place {
        // The byte order mark, which only the first three bytes can be.
        STREAM_START,
        MARK_1,
        MARK_2,
        LINE_START,
        // In a name that may become "data" or "id".
        NAME,
        AFTER_ID_COLON,
        ID_EMPTY,
        ID_VALUE,
        COMMENT,
        AFTER_DATA_COLON,
        DATA_VALUE,
        FIELD
    }

    private static final byte[] DATA = {'d', 'a', 't', 'a'};
    private static final byte[] ID = {'i', 'd'};

    private Place place = Place.STREAM_START;
    private byte[] name = DATA;
    private int matched;
    // The last byte was a CR that ended a line: a LF behind it belongs to the same end.
    private boolean afterCr;
    // The line before ended with CRLF: the CR of a blank line is only half of its end, unless the next byte denies it.
    private boolean crLf;
    private boolean blankHalfEnded;

    // Of the event that has begun.
    private boolean fields;
    private boolean data;
    private boolean idSet;
    private boolean idNamed;

    private boolean lastEventId;

    /** Creates a scanner that stands before the first byte. */
    public EventStreamEvents() {}

    /**
     * Takes the next byte.
     *
     * @return whether an event has ended. Blocks without data, which nobody is told of, do not count
     */
    public boolean next(byte b) {
        // Nearly every byte.
        if ((place == Place.DATA_VALUE || place == Place.FIELD) && b != '\n' && b != '\r') {
            return false;
        }
        boolean ended = false;
        if (afterCr) {
            afterCr = false;
            crLf = b == '\n';
            if (blankHalfEnded) {
                blankHalfEnded = false;
                ended = blockEnded();
            }
            if (crLf) {
                return ended;
            }
        }
        if (b == '\n') {
            crLf = false;
            return lineEnded() || ended;
        } else if (b == '\r') {
            afterCr = true;
            blankHalfEnded = crLf && isLineStart();
            return (!blankHalfEnded && lineEnded()) || ended;
        }
        place = within(b);
        return ended;
    }

    /**
     * Whether no event has begun that has not ended: nothing would be truncated here. Comments are no events, but a
     * line of theirs is not broken either.
     */
    public boolean isBetweenEvents() {
        return isLineStart() && !fields && !blankHalfEnded;
    }

    /** Whether a client that asks again could name the last event that it got: its {@code id} was set, not to nothing. */
    public boolean hasLastEventId() {
        return lastEventId;
    }

    /** Whether the byte taken last is part of an event's data, or the space in front of it. */
    public boolean isInData() {
        return place == Place.DATA_VALUE;
    }

    private boolean isLineStart() {
        return place == Place.LINE_START || place == Place.STREAM_START;
    }

    private Place within(byte b) {
        return switch (place) {
            case STREAM_START -> b == (byte) 0xEF ? Place.MARK_1 : begin(b);
            case MARK_1 -> b == (byte) 0xBB ? Place.MARK_2 : Place.FIELD;
            case MARK_2 -> b == (byte) 0xBF ? Place.LINE_START : Place.FIELD;
            case LINE_START -> begin(b);
            case NAME -> named(b);
            case AFTER_ID_COLON -> b == ' ' ? Place.ID_EMPTY : idValue(b);
            case ID_EMPTY, ID_VALUE -> idValue(b);
            case COMMENT -> Place.COMMENT;
            case AFTER_DATA_COLON, DATA_VALUE -> Place.DATA_VALUE;
            case FIELD -> Place.FIELD;
        };
    }

    private Place begin(byte b) {
        if (b == ':') {
            return Place.COMMENT;
        }
        name = b == 'i' ? ID : DATA;
        matched = 1;
        return b == name[0] ? Place.NAME : Place.FIELD;
    }

    private Place named(byte b) {
        boolean whole = matched == name.length;
        if (!whole && b == name[matched]) {
            matched++;
            return Place.NAME;
        } else if (!whole || b != ':') {
            return Place.FIELD;
        } else if (name == ID) {
            return Place.AFTER_ID_COLON;
        }
        data = true;
        return Place.AFTER_DATA_COLON;
    }

    // An id with a NUL in it is ignored.
    private static Place idValue(byte b) {
        return b == 0 ? Place.FIELD : Place.ID_VALUE;
    }

    private boolean lineEnded() {
        Place ended = place;
        place = Place.LINE_START;
        switch (ended) {
            case STREAM_START, LINE_START -> {
                return blockEnded();
            }
            case NAME -> nameEnded();
            case AFTER_ID_COLON, ID_EMPTY -> idEnded(false);
            case ID_VALUE -> idEnded(true);
            default -> {}
        }
        fields |= ended != Place.COMMENT;
        return false;
    }

    // A line without a colon is a name with an empty value.
    private void nameEnded() {
        if (matched == name.length) {
            if (name == ID) {
                idEnded(false);
            } else {
                data = true;
            }
        }
    }

    private void idEnded(boolean named) {
        idSet = true;
        idNamed = named;
    }

    private boolean blockEnded() {
        place = Place.LINE_START;
        if (idSet) {
            lastEventId = idNamed;
        }
        boolean event = data;
        fields = false;
        data = false;
        idSet = false;
        return event;
    }
}
