package dev.remora.examples.demo;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An answer of the demo's own, in one piece, whatever server sends it.
 *
 * @param status of HTTP
 * @param type the content's
 * @param headers more of them
 */
record Page(int status, String type, String content, Map<String, String> headers) {

    static final String JSON = "application/json";

    Page {
        headers = Map.copyOf(headers);
    }

    static Page json(int status, String content) {
        return new Page(status, JSON, content, Map.of());
    }

    byte[] body() {
        return content.getBytes(StandardCharsets.UTF_8);
    }
}
