package dev.remora.servlet;

import dev.remora.http.Characters;
import dev.remora.http.Rejection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The body of an answer as it comes from a connection that nobody else reads: by its length, in chunks, or up to the end of the
 * connection. Trailers are read and forgotten. For one thread, which waits.
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
    private int trailerBytes;

    /** Brings bytes. */
    @FunctionalInterface
    interface Source {

        /** Waits for at least one byte, or the end, which is -1. */
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
     * The next piece; waits for it.
     *
     * @return at least one byte, to be used before the next call; empty at the end
     * @throws EOFException if the connection ends before the body
     * @throws Rejection if the chunks are none
     */
    ByteBuffer next() throws IOException {
        while (part != Part.END) {
            if (!bytes.hasRemaining() && !fill()) {
                part = Part.END;
            } else if (part == Part.DATA) {
                return data();
            } else {
                framing();
            }
        }
        return bytes.slice().limit(0);
    }

    // False at an end that is one.
    private boolean fill() throws IOException {
        int count = source.read(bytes.clear());
        bytes.flip();
        if (count < 0 && !untilClose) {
            throw new EOFException();
        }
        return count >= 0;
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

    private void framing() throws IOException {
        switch (part) {
            case DATA_END -> {
                if (!line().isEmpty()) {
                    throw Rejection.badRequest("A chunk must end with CR LF.");
                }
                part = Part.SIZE;
            }
            case SIZE -> {
                left = size(line());
                part = left == 0 ? Part.TRAILERS : Part.DATA;
            }
            default -> {
                String trailer = line();
                trailerBytes += trailer.length();
                if (trailerBytes > MAX_TRAILER_BYTES) {
                    throw Rejection.badRequest("Trailers may have " + MAX_TRAILER_BYTES + " bytes.");
                }
                if (trailer.isEmpty()) {
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

    // Without its end; waits for it.
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (byte b = next8(); b != '\r'; b = next8()) {
            if (Characters.isControl(b) || line.length() == MAX_LINE_BYTES) {
                throw Rejection.badRequest("A line between chunks must be short text.");
            }
            line.append((char) (b & 0xff));
        }
        if (next8() != '\n') {
            throw Rejection.badRequest("A line must end with CR LF.");
        }
        return line.toString();
    }

    private byte next8() throws IOException {
        while (!bytes.hasRemaining()) {
            boolean unused = fill();
        }
        return bytes.get();
    }
}
