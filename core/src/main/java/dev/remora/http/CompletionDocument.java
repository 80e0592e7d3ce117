package dev.remora.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What one JSON document says of the answer that it is, or is a part of; and what whole documents before it have said for
 * good: the head that every chunk of a chat completion repeats.
 */
final class CompletionDocument implements AnswerReader.Listener {

    /** Instead of a number that was not named. */
    static final long NOT_NAMED = -1;

    private static final byte[] CHUNK = ascii("chat.completion.chunk");
    private static final List<byte[]> LAST_TYPES = List.of(
            ascii("message_stop"), ascii("response.completed"), ascii("response.incomplete"), ascii("response.failed"));

    private final AnswerReader reader = new AnswerReader(this);

    private long inputTokens;
    private long outputTokens;
    private boolean last;
    private boolean chunk;
    private boolean otherChoice;

    // Whether the head is known, and has not to be read again.
    private boolean chunks;
    private boolean otherChoices;
    private String id = "";
    private String model = "";
    private long created;

    CompletionDocument() {
        reset();
    }

    void next(byte b) {
        reader.next(b);
    }

    /** Another document begins. */
    void reset() {
        reader.reset();
        inputTokens = NOT_NAMED;
        outputTokens = NOT_NAMED;
        last = false;
        chunk = false;
        otherChoice = false;
    }

    /** The document has ended. Only what a whole one says counts. Returns whether it is one. */
    boolean ended() {
        boolean whole = reader.isWhole();
        if (whole) {
            chunks |= chunk;
            otherChoices |= otherChoice;
        }
        return whole;
    }

    long inputTokens() {
        return inputTokens;
    }

    long outputTokens() {
        return outputTokens;
    }

    /** Whether it says that the answer is over. */
    boolean isLast() {
        return last;
    }

    /** One more chunk for an answer of chunks, by which its only choice has become too long. */
    Optional<String> lastChunk() {
        return !chunks || otherChoices
                ? Optional.empty()
                : Optional.of("{\"id\":\"" + id + "\",\"object\":\"chat.completion.chunk\",\"created\":" + created
                        + ",\"model\":\"" + model
                        + "\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}");
    }

    @Override
    public boolean begins(AnswerMember member) {
        switch (member) {
            case USAGE -> {
                inputTokens = NOT_NAMED;
                outputTokens = NOT_NAMED;
            }
            case INPUT_TOKENS -> inputTokens = NOT_NAMED;
            case OUTPUT_TOKENS -> outputTokens = NOT_NAMED;
            case OBJECT, ID, MODEL, CREATED -> {
                return !chunks;
            }
            default -> {}
        }
        return true;
    }

    @Override
    public void text(AnswerMember member, byte[] text, int length) {
        switch (member) {
            case OBJECT -> chunk = is(CHUNK, text, length);
            case ID -> id = printable(text, length);
            case MODEL -> model = printable(text, length);
            case TYPE -> last |= isLastType(text, length);
            case FINISH_REASON, STOP_REASON -> last |= length > 0;
            default -> {}
        }
    }

    @Override
    public void number(AnswerMember member, long value) {
        switch (member) {
            case INPUT_TOKENS -> inputTokens = value;
            case OUTPUT_TOKENS -> outputTokens = value;
            case CREATED -> created = value;
            case INDEX -> otherChoice |= value > 0;
            default -> {}
        }
    }

    private static boolean isLastType(byte[] text, int length) {
        for (byte[] type : LAST_TYPES) {
            if (is(type, text, length)) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(byte[] expected, byte[] text, int length) {
        return Arrays.equals(expected, 0, expected.length, text, 0, length);
    }

    // What needs no escape in JSON and cannot end a line: all that names of models and answers are made of.
    private static String printable(byte[] text, int length) {
        StringBuilder printable = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            boolean plain = text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\';
            printable.append(plain ? (char) text[i] : '?');
        }
        return printable.toString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
