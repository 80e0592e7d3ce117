package dev.remora.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The members of a language model's answer, in JSON, that say something of the answer itself: in Chat Completions and
 * Responses as OpenAI defines them, and in Messages as Anthropic does.
 */
enum AnswerMember {
    DOCUMENT(Kind.OBJECT),
    /** {@code chat.completion.chunk} of a streamed chat completion. */
    OBJECT(Kind.TEXT),
    /** Which event this is, where events have types. */
    TYPE(Kind.TEXT),
    ID(Kind.TEXT),
    MODEL(Kind.TEXT),
    CREATED(Kind.NUMBER),
    CHOICES(Kind.ARRAY),
    CHOICE(Kind.OBJECT),
    INDEX(Kind.NUMBER),
    FINISH_REASON(Kind.TEXT),
    DELTA(Kind.OBJECT),
    STOP_REASON(Kind.TEXT),
    /** What an event wraps the answer in. */
    ENVELOPE(Kind.OBJECT),
    USAGE(Kind.OBJECT),
    INPUT_TOKENS(Kind.NUMBER),
    OUTPUT_TOKENS(Kind.NUMBER),
    /** Any other. */
    UNKNOWN(Kind.IGNORED);

    private enum Kind {
        OBJECT,
        ARRAY,
        TEXT,
        NUMBER,
        IGNORED
    }

    /** How deep they lie in each other at most. */
    static final int MAX_DEPTH = 3;

    private static final Named[] OF_DOCUMENT = {
        named("object", OBJECT),
        named("type", TYPE),
        named("id", ID),
        named("model", MODEL),
        named("created", CREATED),
        named("choices", CHOICES),
        named("delta", DELTA),
        named("response", ENVELOPE),
        named("message", ENVELOPE),
        named("usage", USAGE)
    };
    private static final Named[] OF_CHOICE = {named("index", INDEX), named("finish_reason", FINISH_REASON)};
    private static final Named[] OF_DELTA = {named("stop_reason", STOP_REASON)};
    private static final Named[] OF_ENVELOPE = {named("usage", USAGE)};
    private static final Named[] OF_USAGE = {
        named("prompt_tokens", INPUT_TOKENS),
        named("input_tokens", INPUT_TOKENS),
        named("completion_tokens", OUTPUT_TOKENS),
        named("output_tokens", OUTPUT_TOKENS)
    };
    private static final Named[] NONE = {};

    private final Kind kind;

    AnswerMember(Kind kind) {
        this.kind = kind;
    }

    boolean isObject() {
        return kind == Kind.OBJECT;
    }

    boolean isArray() {
        return kind == Kind.ARRAY;
    }

    boolean isText() {
        return kind == Kind.TEXT;
    }

    boolean isNumber() {
        return kind == Kind.NUMBER;
    }

    /** The member of this object that has a name. */
    AnswerMember member(byte[] name, int length) {
        for (Named each : members()) {
            if (each.name.length == length && Arrays.equals(each.name, 0, length, name, 0, length)) {
                return each.member;
            }
        }
        return UNKNOWN;
    }

    private Named[] members() {
        return switch (this) {
            case DOCUMENT -> OF_DOCUMENT;
            case CHOICE -> OF_CHOICE;
            case DELTA -> OF_DELTA;
            case ENVELOPE -> OF_ENVELOPE;
            case USAGE -> OF_USAGE;
            default -> NONE;
        };
    }

    private static Named named(String name, AnswerMember member) {
        return new Named(name.getBytes(StandardCharsets.US_ASCII), member);
    }

    private static final class Named {
        final byte[] name;
        final AnswerMember member;

        Named(byte[] name, AnswerMember member) {
            this.name = name;
            this.member = member;
        }
    }
}
