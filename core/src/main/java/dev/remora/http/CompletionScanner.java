package dev.remora.http;

import dev.remora.exchange.Usage;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the answer of a language model tells of itself as it passes: the tokens it has cost, and whether it is over. It
 * reads the JSON of OpenAI's Chat Completions and Responses and of Anthropic's Messages, streamed as events or whole; of
 * anything else it counts the events.
 *
 * <p>An object named {@code usage} counts at the top and in {@code response} or {@code message}; the last one of a
 * document does, and only if the document is whole. Its numbers are totals of all that came before. Until one comes, and
 * beyond the last one, each event with data stands for one token of output.
 *
 * <p>It keeps no more than two short texts, whatever comes, and makes objects only when it is asked. Not thread-safe.
 */
public final class CompletionScanner {

    private static final byte[] END_MARK = "[DONE]".getBytes(StandardCharsets.US_ASCII);
    private static final int NOT_THE_MARK = -1;

    private final CompletionDocument document = new CompletionDocument();
    private boolean inData;
    // How much of the end mark the document has been so far.
    private int marked;

    private long inputTokens;
    private long outputTokens;
    private long eventsSince;
    private boolean named;
    private boolean finished;

    /** Creates a scanner that stands before the first byte. */
    public CompletionScanner() {}

    /**
     * Takes the next byte of the body.
     *
     * @param data whether it is part of a document: in an event stream that is {@link EventStreamEvents#isInData()}
     */
    public void next(byte b, boolean data) {
        if (data) {
            take(b);
        } else if (inData) {
            // The data of an event may have several lines.
            take((byte) '\n');
        }
        inData = data;
    }

    private void take(byte b) {
        document.next(b);
        if (marked != NOT_THE_MARK && b != ' ' && b != '\n') {
            boolean matches = marked < END_MARK.length && b == END_MARK[marked];
            marked = matches ? marked + 1 : NOT_THE_MARK;
        }
    }

    /** A document has ended: the event whose data it is, or the whole body. */
    public void ended() {
        if (marked == END_MARK.length) {
            finished = true;
        } else if (marked != 0) {
            documentEnded();
        }
        document.reset();
        marked = 0;
        inData = false;
    }

    private void documentEnded() {
        boolean whole = document.ended();
        long input = whole ? document.inputTokens() : CompletionDocument.NOT_NAMED;
        long output = whole ? document.outputTokens() : CompletionDocument.NOT_NAMED;
        if (input >= 0) {
            inputTokens = input;
        }
        if (output >= 0) {
            outputTokens = output;
            eventsSince = 0;
        } else if (input < 0 && !finished) {
            eventsSince++;
        }
        named |= input >= 0 || output >= 0;
        finished |= whole && document.isLast();
    }

    /** What the request has cost so far: one request, and its tokens as far as they are known. */
    public Usage usage() {
        long output = outputTokens + eventsSince;
        return Usage.request(inputTokens, output < 0 ? Long.MAX_VALUE : output);
    }

    /** Whether the back end itself has named the tokens of all that came. */
    public boolean isExact() {
        return named && eventsSince == 0;
    }

    /** Whether the answer has said that it is over: nothing of substance follows. */
    public boolean isFinished() {
        return finished;
    }

    /**
     * The events by which an answer that is not finished can be ended before its time, so that its reader sees why: a chat
     * completion stops for {@code length}, as if its back end had allowed it no more tokens. They stand between two
     * events.
     *
     * @return nothing when the answer is something else, or has several choices
     */
    public Optional<byte[]> earlyEnd() {
        return finished
                ? Optional.empty()
                : document.lastChunk()
                        .map(chunk -> "data: " + chunk + "\n\ndata: [DONE]\n\n")
                        .map(events -> events.getBytes(StandardCharsets.US_ASCII));
    }
}
