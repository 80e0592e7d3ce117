package dev.remora.netty;

import dev.remora.http.Characters;
import dev.remora.http.Rejection;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.util.AsciiString;

/**
 * Reads the raw bytes of a message's head before Netty's decoder may: the decoder sees only whole heads that are well
 * formed to the letter of RFC 9112. Netty by itself takes any white space between the words of the first line, unfolds
 * folded headers, and allows several lengths in HTTP/1.0; each of these lets two hops disagree on a message.
 *
 * <p>Lines are judged as they become complete, so a bad one is told at once even if the head never ends. Nothing is
 * consumed except empty lines before a request. Positions are kept relative to the reader index, which the decoder
 * around this class does not move while a head is incomplete.
 */
final class HeadScanner {

    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final int MAX_LENGTH_DIGITS = 18;
    private static final int LINE_END_BYTES = 2;

    private final boolean request;
    private final int maxInitialLineBytes;
    private final int maxHeaderBytes;

    private int lineStart;
    private int searched;
    private int headerBytes;
    private boolean initialLineSeen;
    private boolean lengthSeen;

    HeadScanner(boolean request, int maxInitialLineBytes, int maxHeaderBytes) {
        this.request = request;
        this.maxInitialLineBytes = maxInitialLineBytes;
        this.maxHeaderBytes = maxHeaderBytes;
    }

    /** Makes ready for the next message. */
    void reset() {
        lineStart = 0;
        searched = 0;
        headerBytes = 0;
        initialLineSeen = false;
        lengthSeen = false;
    }

    /**
     * Whether a whole head lies in the buffer.
     *
     * @throws Rejection as soon as the head cannot become a valid one
     */
    boolean complete(ByteBuf in) {
        while (true) {
            int base = in.readerIndex();
            int lf = in.indexOf(base + searched, in.writerIndex(), HttpConstants.LF);
            if (lf < 0) {
                searched = in.readableBytes();
                checkPartialLine(in, base);
                return false;
            }
            int start = base + lineStart;
            int end = lf - 1;
            if (end < start || in.getByte(end) != HttpConstants.CR) {
                throw Rejection.badRequest("A line must end with CR LF.");
            }
            if (end > start) {
                line(in, start, end);
                lineStart = lf + 1 - base;
                searched = lineStart;
            } else if (initialLineSeen) {
                return true;
            } else {
                skipEmptyLine(in);
            }
        }
    }

    private void skipEmptyLine(ByteBuf in) {
        if (!request) {
            throw Rejection.badRequest("A status line must not be empty.");
        }
        in.skipBytes(2);
        searched = 0;
    }

    // What is there of an unfinished line may be refused already: something else than HTTP, or a line without end.
    private void checkPartialLine(ByteBuf in, int base) {
        int length = in.readableBytes() - lineStart;
        if (length > 0 && !initialLineSeen) {
            byte first = in.getByte(base + lineStart);
            if (first != HttpConstants.CR && !Characters.isToken(first)) {
                throw Rejection.badRequest("This does not begin as HTTP does.");
            }
        }
        checkSize(length);
    }

    private void checkSize(int length) {
        if (!initialLineSeen) {
            if (length > maxInitialLineBytes) {
                throw Rejection.of(414, "URI too long", "The first line may have " + maxInitialLineBytes + " bytes.");
            }
        } else if (headerBytes + length > maxHeaderBytes) {
            throw Rejection.of(
                    431, "Request header fields too large", "All headers may have " + maxHeaderBytes + " bytes.");
        }
    }

    private void line(ByteBuf in, int start, int end) {
        checkSize(end - start);
        if (initialLineSeen) {
            headerBytes += end - start + LINE_END_BYTES;
            header(in, start, end);
        } else if (request) {
            requestLine(in, start, end);
            initialLineSeen = true;
        } else {
            statusLine(in, start, end);
            initialLineSeen = true;
        }
    }

    private static void requestLine(ByteBuf in, int start, int end) {
        int methodEnd = start;
        while (methodEnd < end && Characters.isToken(in.getByte(methodEnd))) {
            methodEnd++;
        }
        int targetEnd = methodEnd + 1;
        while (targetEnd < end && Characters.isVisible(in.getByte(targetEnd))) {
            targetEnd++;
        }
        boolean wellFormed = methodEnd > start
                && in.getByte(methodEnd) == HttpConstants.SP
                && targetEnd > methodEnd + 1
                && targetEnd < end
                && in.getByte(targetEnd) == HttpConstants.SP
                && end - targetEnd == 9
                && isVersion(in, targetEnd + 1);
        if (!wellFormed) {
            throw Rejection.badRequest("The request line must be: method SP target SP HTTP-version.");
        }
    }

    // "HTTP/1.1 200 OK"; the space before an absent reason is often forgotten, and nothing can be read into that.
    private static void statusLine(ByteBuf in, int start, int end) {
        boolean wellFormed = end - start >= 12
                && isVersion(in, start)
                && in.getByte(start + 8) == HttpConstants.SP
                && Characters.isDigit(in.getByte(start + 9))
                && Characters.isDigit(in.getByte(start + 10))
                && Characters.isDigit(in.getByte(start + 11))
                && (end - start == 12 || in.getByte(start + 12) == HttpConstants.SP);
        if (!wellFormed || !isText(in, start + 12, end)) {
            throw Rejection.badRequest("The status line must be: HTTP-version SP status SP reason.");
        }
    }

    private static boolean isVersion(ByteBuf in, int at) {
        return in.getByte(at) == 'H'
                && in.getByte(at + 1) == 'T'
                && in.getByte(at + 2) == 'T'
                && in.getByte(at + 3) == 'P'
                && in.getByte(at + 4) == '/'
                && Characters.isDigit(in.getByte(at + 5))
                && in.getByte(at + 6) == '.'
                && Characters.isDigit(in.getByte(at + 7));
    }

    private void header(ByteBuf in, int start, int end) {
        int colon = start;
        while (colon < end && Characters.isToken(in.getByte(colon))) {
            colon++;
        }
        int afterName = colon;
        // A proxy removes white space between name and colon from a response, but must refuse it in a request.
        while (!request && colon > start && colon < end && Characters.isBlank(in.getByte(colon))) {
            colon++;
        }
        if (afterName == start || colon == end || in.getByte(colon) != ':') {
            throw Rejection.badRequest("A header line must be: name, colon, value; it must not be folded.");
        }
        if (!isText(in, colon + 1, end)) {
            throw Rejection.badRequest("A header value must not have control characters.");
        }
        if (isContentLength(in, start, afterName)) {
            contentLength(in, colon + 1, end);
        }
    }

    private static boolean isText(ByteBuf in, int start, int end) {
        for (int i = start; i < end; i++) {
            if (Characters.isControl(in.getByte(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isContentLength(ByteBuf in, int start, int end) {
        if (end - start != CONTENT_LENGTH.length()) {
            return false;
        }
        for (int i = 0; i < CONTENT_LENGTH.length(); i++) {
            if ((in.getByte(start + i) | 0x20) != (CONTENT_LENGTH.byteAt(i) | 0x20)) {
                return false;
            }
        }
        return true;
    }

    private void contentLength(ByteBuf in, int start, int end) {
        int from = start;
        while (from < end && Characters.isBlank(in.getByte(from))) {
            from++;
        }
        int to = end;
        while (to > from && Characters.isBlank(in.getByte(to - 1))) {
            to--;
        }
        boolean number = to > from && to - from <= MAX_LENGTH_DIGITS;
        for (int i = from; i < to; i++) {
            number &= Characters.isDigit(in.getByte(i));
        }
        if (lengthSeen || !number) {
            throw Rejection.badRequest("Content-Length must be one number.");
        }
        lengthSeen = true;
    }
}
