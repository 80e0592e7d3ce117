package dev.remora.examples.replay;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** An answer that is on its way. Thread-safe. */
final class OpenAnswer {

    static final String TIMED_OUT = "timed out";
    static final String NOT_CONNECTED = "connection refused or not made";
    static final String BROKEN = "connection broken before the answer was whole";

    private final CompletableFuture<String> ending = new CompletableFuture<>();

    OpenAnswer(CompletableFuture<HttpResponse<String>> exchange) {
        exchange.whenComplete(
                (response, failure) -> ending.complete(failure == null ? response.body() : kindOf(failure)));
        ending.thenRun(() -> exchange.cancel(true));
    }

    /** How it ended: {@link StreamingCall#OK}, or the kind of error. Never completes exceptionally. */
    CompletionStage<String> ending() {
        return ending;
    }

    /** Closes its connection, unless it has ended. */
    void giveUp() {
        ending.complete(TIMED_OUT);
    }

    private static String kindOf(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
            return NOT_CONNECTED;
        }
        return cause instanceof IOException ? BROKEN : String.valueOf(cause);
    }
}
