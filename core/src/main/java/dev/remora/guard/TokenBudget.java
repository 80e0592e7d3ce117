package dev.remora.guard;

import dev.remora.exchange.RequestView;
import dev.remora.exchange.Usage;
import dev.remora.ratelimit.RateLimiter;
import java.util.Objects;

/**
 * How tokens of a language model are limited, though nobody knows before the end how many an answer takes: an estimate is reserved
 * when the request enters, what the answer really takes is counted while it streams, and settled when it ends. A client that
 * leaves pays for what was seen. Immutable and thread-safe.
 */
public final class TokenBudget {

    private static final int BYTES_PER_TOKEN = 4;

    private final RateLimiter limiter;
    private final Usage expected;
    private final boolean stops;

    private TokenBudget(RateLimiter limiter, Usage expected, boolean stops) {
        this.limiter = limiter;
        this.expected = expected;
        this.stops = stops;
    }

    /**
     * A budget that reserves 500 tokens for each answer, and for the prompt one for each four bytes of the request's body, or 500
     * if its length is not known. An answer that takes more than there is goes on, into debt.
     *
     * @param limiter its limits count tokens, requests, or both
     */
    public static TokenBudget of(RateLimiter limiter) {
        return new TokenBudget(Objects.requireNonNull(limiter), Usage.request(500, 500), false);
    }

    /**
     * The same with another estimate.
     *
     * @param inputTokens of a prompt whose length is not known, at least 0
     * @param outputTokens of an answer, at least 0
     */
    public TokenBudget expecting(long inputTokens, long outputTokens) {
        return new TokenBudget(limiter, Usage.request(inputTokens, outputTokens), stops);
    }

    /**
     * The same, in which an answer that takes more than there is is ended: as its protocol has it when an answer grows too long, if
     * the adapter knows that one, and else by breaking the connection.
     */
    public TokenBudget stoppingWhenExhausted() {
        return new TokenBudget(limiter, expected, true);
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
                .map(bytes -> Usage.request((bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN, expected.outputTokens()))
                .orElse(expected);
    }

    // What is no length the adapter refuses.
    private static long bytes(String length) {
        try {
            return Integer.parseInt(length.strip());
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
