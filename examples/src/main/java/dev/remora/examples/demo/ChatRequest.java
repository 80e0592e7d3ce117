package dev.remora.examples.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The question that a client asks, with the parts of the OpenAI request that a demo back end obeys.
 *
 * @param model what the client calls the model, given back as it came
 * @param question the text of the last user message, empty when there is none
 * @param userTurns how many user messages the client sent along: 0 when the protocol does not tell
 * @param promptTokens about how many tokens the messages have
 * @param maxTokens the exact length of the answer, when the client gave one
 * @param conversation what tells this conversation from others: the header {@code X-Conversation-Id}, else {@code user}
 */
record ChatRequest(
        String model,
        String question,
        int userTurns,
        int promptTokens,
        OptionalInt maxTokens,
        boolean stream,
        boolean includeUsage,
        Optional<String> conversation) {

    static final String DEFAULT_MODEL = "demo-chat";

    private static final int MAX_TOKENS = 100_000;
    private static final int MAX_ID_CHARS = 200;
    private static final int CHARS_PER_TOKEN = 4;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Thrown when the request is not one: the message is meant for the client. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    static ChatRequest spoken(String question, Optional<String> conversation) {
        return new ChatRequest(
                DEFAULT_MODEL, question, 0, tokens(question.length()), OptionalInt.empty(), true, false, conversation);
    }

    static ChatRequest parse(FullHttpRequest request) throws Malformed {
        JsonNode body = json(request.content());
        JsonNode messages = body.path("messages");
        if (!messages.isArray() || messages.isEmpty()) {
            throw new Malformed("messages: missing (expected: an array with at least one message)");
        }
        String question = "";
        int userTurns = 0;
        int chars = 0;
        for (JsonNode message : messages) {
            String text = text(message.path("content"));
            chars += text.length();
            if (message.path("role").asText().equals("user")) {
                question = text;
                userTurns++;
            }
        }
        return new ChatRequest(
                body.path("model").asText(DEFAULT_MODEL),
                question,
                userTurns,
                tokens(chars),
                maxTokens(body),
                body.path("stream").asBoolean(false),
                body.path("stream_options").path("include_usage").asBoolean(false),
                conversation(request.headers().get("X-Conversation-Id"), body));
    }

    /** An id that is missing or too long is no id: the back end then says that it cannot remember. */
    static Optional<String> conversationId(String id) {
        return id.isEmpty() || id.length() > MAX_ID_CHARS ? Optional.empty() : Optional.of(id);
    }

    private static Optional<String> conversation(@Nullable String header, JsonNode body) {
        return conversationId(header != null ? header : body.path("user").asText(""));
    }

    private static JsonNode json(ByteBuf content) throws Malformed {
        try {
            JsonNode body = JSON.readTree(content.toString(StandardCharsets.UTF_8));
            if (body == null || !body.isObject()) {
                throw new Malformed("body: not an object (expected: a JSON object)");
            }
            return body;
        } catch (JsonProcessingException e) {
            throw new Malformed("body: " + e.getOriginalMessage() + " (expected: a JSON object)");
        }
    }

    private static OptionalInt maxTokens(JsonNode body) throws Malformed {
        for (String field : new String[] {"max_completion_tokens", "max_tokens"}) {
            JsonNode value = body.path(field);
            if (value.isMissingNode() || value.isNull()) {
                continue;
            }
            if (!value.isInt() || value.intValue() < 1 || value.intValue() > MAX_TOKENS) {
                throw new Malformed(field + ": " + value + " (expected: 1 .. " + MAX_TOKENS + ")");
            }
            return OptionalInt.of(value.intValue());
        }
        return OptionalInt.empty();
    }

    /** The content of a message: a string, or an array of parts of which the text ones count. */
    private static String text(JsonNode content) {
        if (!content.isArray()) {
            return content.asText("");
        }
        var text = new StringBuilder();
        for (JsonNode part : content) {
            text.append(part.path("text").asText(""));
        }
        return text.toString();
    }

    private static int tokens(int chars) {
        return 1 + chars / CHARS_PER_TOKEN;
    }
}
