package dev.remora.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An error answer of the gateway itself, as {@code application/problem+json} (RFC 9457). Its texts are the gateway's
 * own: nothing of the request is repeated in it.
 *
 * @param type what kind of problem it is, a URI; {@code about:blank} when the status says it all
 * @param status the HTTP status, 400 to 599
 * @param title what went wrong, in a few words
 * @param detail what the client can do about it; may be empty
 * @param retryAfter when asking again makes sense; sent as {@code Retry-After} in whole seconds, at least 1
 * @param violatedPolicies the names of the limits that stand in the way
 */
public record Problem(
        String type,
        int status,
        String title,
        String detail,
        Optional<Duration> retryAfter,
        List<String> violatedPolicies) {

    private static final String NO_TYPE = "about:blank";

    /** The media type of {@link #json()}. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** Creates a problem. */
    public Problem {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(retryAfter, "retryAfter");
        violatedPolicies = List.copyOf(violatedPolicies);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status: " + status + " (expected: 400 to 599)");
        }
    }

    /** A problem that its status tells. */
    public Problem(int status, String title, String detail, Optional<Duration> retryAfter) {
        this(NO_TYPE, status, title, detail, retryAfter, List.of());
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
        StringBuilder json = new StringBuilder(128).append("{\"type\":");
        text(json, type);
        json.append(",\"status\":").append(status);
        member(json, "title", title);
        if (!detail.isEmpty()) {
            member(json, "detail", detail);
        }
        if (!violatedPolicies.isEmpty()) {
            json.append(",\"violated-policies\":[");
            for (int i = 0; i < violatedPolicies.size(); i++) {
                text(i == 0 ? json : json.append(','), violatedPolicies.get(i));
            }
            json.append(']');
        }
        return json.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void member(StringBuilder json, String name, String text) {
        json.append(",\"").append(name).append("\":");
        text(json, text);
    }

    private static void text(StringBuilder json, String text) {
        json.append('"');
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
