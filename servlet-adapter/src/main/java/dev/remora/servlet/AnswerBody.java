package dev.remora.servlet;

import dev.remora.http.Characters;
import dev.remora.http.Rejection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as it comes from a connection that nobody else reads: by its length, in chunks, or up to the end of the
 * connection. Trailers are read and forgotten. Nobody waits in it: what has not come yet is asked for another time. Not
 * thread-safe.
 */
final class AnswerBody {

    private enum Part {
        DATA,
        DATA_END,
        SIZE,
        TRAILERS,
        END
    }

    private static final int MAX_LINE_BYTES = 1024;
    private static final int MAX_SIZE_DIGITS = 15;
    private static final int MAX_TRAILER_BYTES = 32 * 1024;

    private final Source source;
    private final ByteBuffer bytes;
    private final boolean chunked;
    private final boolean untilClose;
    private Part part;
    // Of the body, or of the chunk.
    private long left;
    // What has come of a line between chunks, and whether its CR has.
    private final StringBuilder line = new StringBuilder();
    private boolean lineEnds;
    private int trailerBytes;

    /** Brings bytes. */
    @FunctionalInterface
    interface Source {

        /** Reads what is there: how many bytes; 0 when there are none now, -1 at the end. */
        int read(ByteBuffer into) throws IOException;
    }

    /**
     * A body.
     *
     * @param bytes what has come already; used for all that follows
     * @param bodiless whether there is none, whatever the head says
     */
    AnswerBody(AnswerHead head, boolean bodiless, ByteBuffer bytes, Source source) {
        this.source = source;
        this.bytes = bytes;
        this.chunked = !head.headers("transfer-encoding").isEmpty();
        this.left = head.headers("content-length").stream()
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(Long.MAX_VALUE);
        this.untilClose = !chunked && left == Long.MAX_VALUE;
        if (bodiless || left == 0) {
            part = Part.END;
        } else {
            part = chunked ? Part.SIZE : Part.DATA;
        }
    }

    /**
     * The next piece.
     *
     * @return to be used before the next call; empty when there is none yet, or none any more
     * @throws EOFException if the connection ends before the body
     * @throws Rejection if the chunks are none
     */
    ByteBuffer next() throws IOException {
        while (part != Part.END && (bytes.hasRemaining() || fill())) {
            if (part == Part.DATA) {
                return data();
            }
            framing();
        }
        return bytes.slice().limit(0);
    }

    /** Whether all of it has been seen. */
    boolean isEnded() {
        return part == Part.END;
    }

    private boolean fill() throws IOException {
        int count = source.read(bytes.clear());
        bytes.flip();
        if (count < 0) {
            if (!untilClose) {
                throw new EOFException();
            }
            part = Part.END;
        }
        return count > 0;
    }

    private ByteBuffer data() {
        int count = (int) Math.min(left, bytes.remaining());
        ByteBuffer piece = bytes.slice().limit(count);
        bytes.position(bytes.position() + count);
        if (!untilClose) {
            left -= count;
        }
        if (left == 0) {
            part = chunked ? Part.DATA_END : Part.END;
        }
        return piece;
    }

    // Takes what is there of a line.
    private void framing() {
        String complete = line();
        if (complete == null) {
            return;
        }
        switch (part) {
            case DATA_END -> {
                if (!complete.isEmpty()) {
                    throw Rejection.badRequest("A chunk must end with CR LF.");
                }
                part = Part.SIZE;
            }
            case SIZE -> {
                left = size(complete);
                part = left == 0 ? Part.TRAILERS : Part.DATA;
            }
            default -> {
                trailerBytes += complete.length();
                if (trailerBytes > MAX_TRAILER_BYTES) {
                    throw Rejection.badRequest("Trailers may have " + MAX_TRAILER_BYTES + " bytes.");
                }
                if (complete.isEmpty()) {
                    part = Part.END;
                }
            }
        }
    }

    private static long size(String line) {
        int end = 0;
        while (end < line.length() && Character.digit(line.charAt(end), 16) >= 0) {
            end++;
        }
        String rest = line.substring(end).strip();
        if (end == 0 || end > MAX_SIZE_DIGITS || !(rest.isEmpty() || rest.startsWith(";"))) {
            throw Rejection.badRequest("A chunk must begin with its size.");
        }
        return Long.parseLong(line.substring(0, end), 16);
    }

    // Without its end; nothing as long as that has not come.
    private @Nullable String line() {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            if (lineEnds) {
                if (b != '\n') {
                    throw Rejection.badRequest("A line must end with CR LF.");
                }
                lineEnds = false;
                String complete = line.toString();
                line.setLength(0);
                return complete;
            } else if (b == '\r') {
                lineEnds = true;
            } else if (Characters.isControl(b) || line.length() == MAX_LINE_BYTES) {
                throw Rejection.badRequest("A line between chunks must be short text.");
            } else {
                line.append((char) (b & 0xff));
            }
        }
        return null;
    }
}
