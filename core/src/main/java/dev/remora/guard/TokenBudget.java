package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.exchange.Usage;
import dev.remora.ratelimit.RateLimiter;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/**
 * How tokens of a language model are limited, though nobody knows before the end how many an answer takes: an estimate is reserved
 * when the request enters, what the answer really takes is counted while it streams, and settled when it ends. A client that
 * leaves pays for what was seen, and for what was reserved once an answer without events has begun: that one is made before
 * its first byte. Immutable and thread-safe.
 */
public final class TokenBudget {

    private static final int BYTES_PER_TOKEN = 4;
    private static final int MOST_BYTES = 1 << 24;

    private final RateLimiter limiter;
    private final Usage expected;
    private final boolean stops;
    private final Optional<BodyReading> bodies;

    private TokenBudget(RateLimiter limiter, Usage expected, boolean stops, Optional<BodyReading> bodies) {
        this.limiter = limiter;
        this.expected = expected;
        this.stops = stops;
        this.bodies = bodies;
    }

    private record BodyReading(int maxBytes, AskedTokens asked) {}

    /**
     * A budget that reserves 500 tokens for each answer, and for the prompt one for each four bytes of the request's body, or 500
     * if its length is not known. An answer that takes more than there is goes on, into debt.
     *
     * @param limiter its limits count tokens, requests, or both
     */
    public static TokenBudget of(RateLimiter limiter) {
        return new TokenBudget(Objects.requireNonNull(limiter), Usage.request(500, 500), false, Optional.empty());
    }

    /**
     * The same with another estimate.
     *
     * @param inputTokens of a prompt whose length is not known, at least 0
     * @param outputTokens of an answer, at least 0
     */
    public TokenBudget expecting(long inputTokens, long outputTokens) {
        return new TokenBudget(limiter, Usage.request(inputTokens, outputTokens), stops, bodies);
    }

    /**
     * The same, in which an answer that takes more than there is is ended: as its protocol has it when an answer grows too long, if
     * the adapter knows that one, and else by breaking the connection.
     */
    public TokenBudget stoppingWhenExhausted() {
        return new TokenBudget(limiter, expected, true, bodies);
    }

    /**
     * The same, which reads the request's body before it goes on, where the adapter can hold it back: an answer that may take fewer
     * tokens than expected ({@code max_tokens}, {@code max_completion_tokens}, {@code max_output_tokens}, if at least 1)
     * reserves no more, and the prompt of a body whose length was not announced is known. Needs Jackson ({@code jackson-core}).
     *
     * @param maxBytes how much of a body is held at most, 1 to 16,777,216; of a longer one only what stands in its beginning counts
     */
    public TokenBudget readingBodies(int maxBytes) {
        if (maxBytes < 1 || maxBytes > MOST_BYTES) {
            throw new IllegalArgumentException("max bytes: " + maxBytes + " (expected: 1 to " + MOST_BYTES + ")");
        }
        return new TokenBudget(limiter, expected, stops, Optional.of(new BodyReading(maxBytes, new AskedTokens())));
    }

    int bodyBytes() {
        return bodies.map(BodyReading::maxBytes).orElse(0);
    }

    /** The estimate for a request, once its body, or the beginning of it, is there. */
    Usage revised(Usage estimate, ByteBuffer body) {
        BodyReading reading = bodies.orElseThrow();
        long output = Math.min(reading.asked().read(body).orElse(estimate.outputTokens()), estimate.outputTokens());
        long input = tokens(body.remaining());
        boolean whole = body.remaining() < reading.maxBytes();
        return Usage.request(whole ? input : Math.max(input, estimate.inputTokens()), output);
    }

    private static long tokens(long bytes) {
        return (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    }

    RateLimiter limiter() {
        return limiter;
    }

    boolean stops() {
        return stops;
    }

    Usage estimate(RequestView request) {
        return request.header("content-length")
                .map(TokenBudget::bytes)
                .filter(bytes -> bytes >= 0)
                .map(bytes -> Usage.request(tokens(bytes), expected.outputTokens()))
                .orElse(expected);
    }

    // What is no length the adapter refuses.
    private static long bytes(String length) {
        try {
            return Math.min(Long.parseLong(length.strip()), Long.MAX_VALUE - BYTES_PER_TOKEN);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
