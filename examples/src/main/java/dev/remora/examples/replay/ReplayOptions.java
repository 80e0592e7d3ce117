package dev.remora.examples.replay;

import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;

/**
 * How a trace is replayed.
 *
 * @param target where the chat completions are asked for
 * @param speedup how many times faster than recorded the requests arrive, above 0
 * @param maxOpen how many requests may be open at once; those that are due beyond it wait, and count as late
 * @param conversationCookies whether the turns of a conversation share a cookie jar, as those of a browser do
 * @param streamTimeout the longest time that one answer may take
 * @param timeLimit the longest time that the whole replay may take
 * @param maxPromptChars how much text at most stands for the context of a request
 * @param model what the requests call the model
 * @param headers more headers of each request
 * @param backendHeader the response header that names the back end
 */
public record ReplayOptions(
        URI target,
        double speedup,
        int maxOpen,
        boolean conversationCookies,
        Duration streamTimeout,
        Duration timeLimit,
        int maxPromptChars,
        String model,
        Map<String, String> headers,
        String backendHeader) {

    public ReplayOptions {
        headers = Map.copyOf(headers);
        if (!(speedup > 0 && speedup <= 1e6)) {
            throw new IllegalArgumentException("speedup: " + speedup + " (expected: above 0, <= 1e6)");
        }
        if (maxOpen < 1) {
            throw new IllegalArgumentException("max-open: " + maxOpen + " (expected: >= 1)");
        }
        if (maxPromptChars < 0 || maxPromptChars > 1 << 19) {
            throw new IllegalArgumentException("prompt-chars: " + maxPromptChars + " (expected: 0 .. 524288)");
        }
        requirePositive("timeout", streamTimeout);
        requirePositive("time-limit", timeLimit);
    }

    /** Recorded speed, 1,000 open at once, no cookies, the headers and the model of the demo back ends. */
    public static ReplayOptions of(URI target) {
        return new ReplayOptions(
                target,
                1,
                1_000,
                false,
                Duration.ofMinutes(10),
                Duration.ofHours(2),
                2_000,
                "demo-chat",
                Map.of(),
                "X-Demo-Backend");
    }

    /**
     * A request that lacks only its body.
     *
     * @throws IllegalArgumentException when target and headers do not make a valid HTTP request
     */
    public HttpRequest.Builder request() {
        HttpRequest.Builder request = HttpRequest.newBuilder(target).header("Content-Type", "application/json");
        headers.forEach(request::header);
        return request;
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: above 0)");
        }
    }
}
