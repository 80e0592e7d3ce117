package dev.remora.examples.replay;

import java.util.Optional;

/**
 * One request of a trace.
 *
 * @param atNanos when it arrived, in nanoseconds after the first request of the trace
 * @param contextTokens how long its prompt was, 0 or more
 * @param generatedTokens how long its answer was, 1 or more
 * @param conversation what it has in common with the other turns of its conversation, if the trace tells
 */
public record TraceRequest(long atNanos, int contextTokens, int generatedTokens, Optional<String> conversation) {

    public TraceRequest {
        if (contextTokens < 0) {
            throw new IllegalArgumentException("context tokens: " + contextTokens + " (expected: >= 0)");
        }
        if (generatedTokens < 1) {
            throw new IllegalArgumentException("generated tokens: " + generatedTokens + " (expected: >= 1)");
        }
    }

    TraceRequest earlierBy(long nanos) {
        return new TraceRequest(atNanos - nanos, contextTokens, generatedTokens, conversation);
    }
}
