package dev.remora.examples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.stream.Collectors;

/** Asks what the tests want to know, with the JDK's HTTP client. */
public final class Chat {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Chat() {}

    public static HttpRequest.Builder post(URI base, String path, String body) {
        return HttpRequest.newBuilder(base.resolve(path)).POST(HttpRequest.BodyPublishers.ofString(body));
    }

    /** A question to {@code /v1/chat/completions}; {@code fields} are more members of the JSON, with a leading comma. */
    public static HttpRequest question(URI base, String text, String fields) {
        String message = "{\"role\":\"user\",\"content\":\"" + text + "\"}";
        return post(base, "/v1/chat/completions", "{\"messages\":[" + message + "]" + fields + "}")
                .build();
    }

    public static HttpResponse<String> send(HttpClient client, HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stands behind {@code data:} in each event of a body. */
    public static List<String> events(String body) {
        return body.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }

    /** The words of a streamed answer, put together. */
    public static String text(List<String> events) {
        return events.stream()
                .filter(event -> !event.equals("[DONE]"))
                .map(event -> json(event).at("/choices/0/delta/content").asText(""))
                .collect(Collectors.joining());
    }
}
