package dev.remora.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * An error answer of the gateway itself, as {@code application/problem+json} (RFC 9457). Its texts are the gateway's
 * own: nothing of the request is repeated in it.
 *
 * @param status the HTTP status, 400 to 599
 * @param title what went wrong, in a few words
 * @param detail what the client can do about it; may be empty
 * @param retryAfter when asking again makes sense; sent as {@code Retry-After} in whole seconds, at least 1
 */
public record Problem(int status, String title, String detail, Optional<Duration> retryAfter) {

    /** The media type of {@link #json()}. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** Creates a problem. */
    public Problem {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status: " + status + " (expected: 400 to 599)");
        }
    }

    /** A problem that asking again will not cure by itself. */
    public static Problem of(int status, String title, String detail) {
        return new Problem(status, title, detail, Optional.empty());
    }

    /** The value of a {@code Retry-After} header: whole seconds, rounded up. */
    public Optional<String> retryAfterSeconds() {
        return retryAfter.map(
                wait -> Long.toString(Math.max(1, wait.plusNanos(999_999_999).toSeconds())));
    }

    /** The body, in UTF-8. */
    public byte[] json() {
        StringBuilder json = new StringBuilder(128)
                .append("{\"type\":\"about:blank\",\"status\":")
                .append(status);
        member(json, "title", title);
        if (!detail.isEmpty()) {
            member(json, "detail", detail);
        }
        return json.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void member(StringBuilder json, String name, String text) {
        json.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
