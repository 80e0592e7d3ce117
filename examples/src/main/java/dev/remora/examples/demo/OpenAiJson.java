package dev.remora.examples.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The JSON that the OpenAI protocol answers with. */
final class OpenAiJson {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private OpenAiJson() {}

    /** One event of a stream; {@code finishReason} is empty until the last. */
    static ObjectNode chunk(Answer answer, ObjectNode delta, String finishReason) {
        ObjectNode chunk = head(answer, "chat.completion.chunk");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        if (finishReason.isEmpty()) {
            choice.putNull("finish_reason");
        } else {
            choice.put("finish_reason", finishReason);
        }
        return chunk;
    }

    /** The event after the last choice, when the client asked for it. */
    static ObjectNode usageChunk(Answer answer, int tokens) {
        ObjectNode chunk = head(answer, "chat.completion.chunk");
        chunk.putArray("choices");
        chunk.set("usage", usage(answer, tokens));
        return chunk;
    }

    /** A whole answer in one piece. */
    static ObjectNode completion(Answer answer, String text, int tokens) {
        ObjectNode completion = head(answer, "chat.completion");
        ObjectNode choice = completion.putArray("choices").addObject().put("index", 0);
        choice.putObject("message")
                .put("role", "assistant")
                .put("content", text)
                .putNull("refusal");
        choice.put("finish_reason", answer.finishReason());
        completion.set("usage", usage(answer, tokens));
        return completion;
    }

    static ObjectNode models() {
        ObjectNode models = NODES.objectNode().put("object", "list");
        models.putArray("data")
                .addObject()
                .put("id", ChatRequest.DEFAULT_MODEL)
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", "remora");
        return models;
    }

    static ObjectNode error(String message) {
        ObjectNode error = NODES.objectNode();
        error.putObject("error")
                .put("message", message)
                .put("type", "invalid_request_error")
                .putNull("param")
                .putNull("code");
        return error;
    }

    static ObjectNode object() {
        return NODES.objectNode();
    }

    private static ObjectNode head(Answer answer, String object) {
        return NODES.objectNode()
                .put("id", answer.id())
                .put("object", object)
                .put("created", answer.createdSeconds())
                .put("model", answer.request().model())
                .put("system_fingerprint", answer.backend());
    }

    private static ObjectNode usage(Answer answer, int tokens) {
        int prompt = answer.request().promptTokens();
        return NODES.objectNode()
                .put("prompt_tokens", prompt)
                .put("completion_tokens", tokens)
                .put("total_tokens", prompt + tokens);
    }
}
