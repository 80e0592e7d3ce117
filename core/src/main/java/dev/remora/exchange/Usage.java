package dev.remora.exchange;

/**
 * What a request uses up: the request itself, and the tokens of a language model that it reads and writes. Amounts never
 * overflow: sums stop at {@link Long#MAX_VALUE}.
 *
 * @param requests how many requests, at least 0
 * @param inputTokens tokens of the prompt, at least 0
 * @param outputTokens tokens of the answer, at least 0
 */
public record Usage(long requests, long inputTokens, long outputTokens) {

    /** Nothing. */
    public static final Usage NONE = new Usage(0, 0, 0);

    /** One request whose tokens nobody counts. */
    public static final Usage ONE_REQUEST = new Usage(1, 0, 0);

    /** Creates a usage. */
    public Usage {
        if (requests < 0 || inputTokens < 0 || outputTokens < 0) {
            throw new IllegalArgumentException("usage: " + requests + " requests, " + inputTokens + " input tokens, "
                    + outputTokens + " output tokens (expected: >= 0 each)");
        }
    }

    /** So many requests. */
    public static Usage requests(long count) {
        return new Usage(count, 0, 0);
    }

    /** Tokens of a prompt and of its answer. */
    public static Usage tokens(long input, long output) {
        return new Usage(0, input, output);
    }

    /** One request with its tokens. */
    public static Usage request(long inputTokens, long outputTokens) {
        return new Usage(1, inputTokens, outputTokens);
    }

    /** Both together. */
    public Usage plus(Usage other) {
        return new Usage(
                sum(requests, other.requests),
                sum(inputTokens, other.inputTokens),
                sum(outputTokens, other.outputTokens));
    }

    /** Input and output tokens together. */
    public long tokens() {
        return sum(inputTokens, outputTokens);
    }

    private static long sum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
