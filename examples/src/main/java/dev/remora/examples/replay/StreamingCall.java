package dev.remora.examples.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads one streamed answer while it arrives and takes its times. Its body is {@code ok}, or the kind of error that ended
 * the answer. The HTTP client calls it from one thread at a time.
 */
final class StreamingCall implements BodySubscriber<String> {

    static final String OK = "ok";
    static final String NO_DONE = "answer without [DONE]";
    static final String ERROR_EVENT = "error event in the answer";
    static final String NOT_EVENTS = "answer is not an event stream";

    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Measurements measurements;
    private final long sentNanos;
    private final EventScanner scanner = new EventScanner(this::event);
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;
    private long lastTokenNanos;
    private int tokens;
    private long doneNanos;
    private boolean done;
    private @Nullable String error;

    StreamingCall(Measurements measurements, long sentNanos) {
        this.measurements = measurements;
        this.sentNanos = sentNanos;
    }

    @Override
    public CompletionStage<String> getBody() {
        return end;
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
        subscription = newSubscription;
        newSubscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        try {
            pieces.forEach(scanner::scan);
        } catch (IllegalStateException e) {
            give(NOT_EVENTS);
        }
        if (error != null && subscription != null) {
            subscription.cancel();
            end.complete(error);
        }
    }

    @Override
    public void onError(Throwable failure) {
        end.complete(OpenAnswer.BROKEN);
    }

    @Override
    public void onComplete() {
        if (done) {
            measurements.complete(doneNanos - sentNanos);
        }
        end.complete(done ? OK : NO_DONE);
    }

    private void event(byte[] bytes, int from, int to) {
        long now = System.nanoTime();
        if (Arrays.equals(bytes, from, to, DONE, 0, DONE.length)) {
            done = true;
            doneNanos = now;
            return;
        }
        JsonNode event = parse(bytes, from, to);
        if (event.has("error")) {
            give(ERROR_EVENT);
        } else if (!event.at("/choices/0/delta/content").asText("").isEmpty()) {
            token(now);
        }
    }

    private void token(long now) {
        if (tokens == 0) {
            measurements.firstToken(now - sentNanos);
        } else {
            measurements.nextToken(now - lastTokenNanos);
        }
        tokens++;
        lastTokenNanos = now;
    }

    private static JsonNode parse(byte[] bytes, int from, int to) {
        try {
            return JSON.readTree(bytes, from, to - from);
        } catch (IOException e) {
            throw new IllegalStateException("event: not JSON", e);
        }
    }

    private void give(String kind) {
        if (error == null) {
            error = kind;
        }
    }
}
