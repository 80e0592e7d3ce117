package dev.remora.ratelimit;

import dev.remora.exchange.Usage;

/** What a limit counts. */
public enum Unit {
    /** Requests. */
    REQUESTS("requests"),
    /** Tokens of prompts. */
    INPUT_TOKENS("input-tokens"),
    /** Tokens of answers. */
    OUTPUT_TOKENS("output-tokens"),
    /** Tokens of prompts and of answers together. */
    TOKENS("tokens");

    private final String text;

    Unit(String text) {
        this.text = text;
    }

    /** How much of a usage counts. */
    public long of(Usage usage) {
        return switch (this) {
            case REQUESTS -> usage.requests();
            case INPUT_TOKENS -> usage.inputTokens();
            case OUTPUT_TOKENS -> usage.outputTokens();
            case TOKENS -> usage.tokens();
        };
    }

    /** The name as it stands in headers: in lower case, with hyphens. */
    @Override
    public String toString() {
        return text;
    }
}
