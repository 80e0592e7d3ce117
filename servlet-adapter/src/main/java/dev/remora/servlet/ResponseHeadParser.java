package dev.remora.servlet;

import dev.remora.http.Characters;
import dev.remora.http.Rejection;
import dev.remora.http.ResponseRules;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of one response to the letter of RFC 9112: lines end with CR LF, no header is folded, no control character
 * hides, the body is framed in one way. Bytes may come in any pieces. Not thread-safe.
 */
final class ResponseHeadParser {

    static final int MAX_BYTES = 32 * 1024;

    private static final int MAX_LENGTH_DIGITS = 18;
    private static final int STATUS_LINE_BYTES = 12;

    private byte[] head = new byte[512];
    private int size;
    private int lineStart;
    private boolean http11;
    private @Nullable AnswerHead answer;

    /**
     * Takes bytes up to the end of the head, and no more.
     *
     * @return the head, when it is complete
     * @throws Rejection as soon as it cannot become a valid one
     */
    Optional<AnswerHead> take(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            append(b);
            if (b == '\n') {
                Optional<AnswerHead> complete = lineEnded();
                if (complete.isPresent()) {
                    return complete;
                }
            }
        }
        return Optional.empty();
    }

    private void append(byte b) {
        if (size == MAX_BYTES) {
            throw Rejection.badRequest("A head may have " + MAX_BYTES + " bytes.");
        }
        if (size == head.length) {
            head = Arrays.copyOf(head, 2 * size);
        }
        head[size++] = b;
    }

    private Optional<AnswerHead> lineEnded() {
        int start = lineStart;
        int end = size - 2;
        lineStart = size;
        if (end < start || head[end] != '\r') {
            throw Rejection.badRequest("A line must end with CR LF.");
        }
        AnswerHead begun = answer;
        if (begun == null) {
            answer = statusLine(start, end);
        } else if (end > start) {
            header(begun, start, end);
        } else {
            return Optional.of(checked(begun));
        }
        return Optional.empty();
    }

    // The space before an absent reason is often forgotten, and nothing can be read into that.
    private AnswerHead statusLine(int start, int end) {
        String line = text(start, end);
        http11 = line.startsWith("HTTP/1.1 ");
        boolean wellFormed = (http11 || line.startsWith("HTTP/1.0 "))
                && line.length() >= STATUS_LINE_BYTES
                && line.substring(9, STATUS_LINE_BYTES).chars().allMatch(Characters::isDigit)
                && (line.length() == STATUS_LINE_BYTES || line.charAt(STATUS_LINE_BYTES) == ' ');
        if (!wellFormed) {
            throw Rejection.badRequest("The status line must be: HTTP-version SP status SP reason.");
        }
        return new AnswerHead(Integer.parseInt(line.substring(9, STATUS_LINE_BYTES)));
    }

    private void header(AnswerHead begun, int start, int end) {
        int nameEnd = start;
        while (nameEnd < end && Characters.isToken(head[nameEnd])) {
            nameEnd++;
        }
        int colon = nameEnd;
        // A proxy removes white space between name and colon from a response.
        while (colon > start && colon < end && Characters.isBlank(head[colon])) {
            colon++;
        }
        if (nameEnd == start || colon == end || head[colon] != ':') {
            throw Rejection.badRequest("A header line must be: name, colon, value; it must not be folded.");
        }
        begun.headers().add(text(start, nameEnd), text(colon + 1, end).strip());
    }

    private String text(int start, int end) {
        for (int i = start; i < end; i++) {
            if (Characters.isControl(head[i])) {
                throw Rejection.badRequest("A head must not have control characters.");
            }
        }
        return new String(head, start, end - start, StandardCharsets.ISO_8859_1);
    }

    private AnswerHead checked(AnswerHead complete) {
        List<String> lengths = complete.headers("content-length");
        boolean numbers = lengths.stream()
                .allMatch(length -> !length.isEmpty()
                        && length.length() <= MAX_LENGTH_DIGITS
                        && length.chars().allMatch(Characters::isDigit));
        if (!numbers || !ResponseRules.areObeyed(complete.status(), http11, complete.headers())) {
            throw Rejection.badRequest("The response breaks the rules of framing.");
        }
        return complete;
    }
}
