package dev.remora.examples.replay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Asks the questions of a trace. */
final class Questions {

    private static final String NOT_NAMED = "(not named)";
    private static final int CHARS_PER_TOKEN = 4;
    private static final String SENTENCE = "The quick remora stays with the lazy shark. ";

    private final HttpClient client;
    private final ReplayOptions options;
    private final Measurements measurements;
    private final String filler;
    private final Map<String, Conversation> conversations = new HashMap<>();

    Questions(HttpClient client, ReplayOptions options, Measurements measurements) {
        this.client = client;
        this.options = options;
        this.measurements = measurements;
        this.filler = SENTENCE.repeat(options.maxPromptChars() / SENTENCE.length() + 1);
    }

    /** Sends a request. Called by one thread only. */
    OpenAnswer ask(TraceRequest request) {
        Conversation conversation = request.conversation()
                .map(id -> conversations.computeIfAbsent(id, unseen -> new Conversation()))
                .orElseGet(Conversation::new);
        HttpRequest.Builder question = options.request().POST(BodyPublishers.ofString(body(request)));
        if (options.conversationCookies()) {
            conversation.cookieHeader().ifPresent(cookies -> question.header("Cookie", cookies));
        }
        // What the client knew when it asked: a turn that is sent before the last one was answered follows nobody.
        Optional<String> before = conversation.lastBackend();
        long sentNanos = System.nanoTime();
        return new OpenAnswer(
                client.sendAsync(question.build(), head -> answer(head, conversation, before, sentNanos)));
    }

    private BodySubscriber<String> answer(
            ResponseInfo head, Conversation conversation, Optional<String> before, long sentNanos) {
        if (options.conversationCookies()) {
            conversation.keepCookies(head.headers());
        }
        if (head.statusCode() != 200) {
            return BodySubscribers.replacing("HTTP " + head.statusCode());
        }
        String backend = head.headers().firstValue(options.backendHeader()).orElse(NOT_NAMED);
        measurements.answeredBy(backend);
        before.ifPresent(earlier -> measurements.followUp(earlier.equals(backend)));
        conversation.answeredBy(backend);
        Optional<String> type = head.headers().firstValue("Content-Type");
        if (!type.map(value -> value.startsWith("text/event-stream")).orElse(false)) {
            return BodySubscribers.replacing(StreamingCall.NOT_EVENTS);
        }
        return new StreamingCall(measurements, sentNanos);
    }

    private String body(TraceRequest request) {
        int chars = (int) Math.min((long) request.contextTokens() * CHARS_PER_TOKEN, options.maxPromptChars());
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("model", options.model())
                .put("stream", true)
                .put("max_tokens", request.generatedTokens());
        request.conversation().ifPresent(id -> body.put("user", id));
        body.putArray("messages").addObject().put("role", "user").put("content", filler.substring(0, chars));
        return body.toString();
    }
}
