package dev.remora.health;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Failures as short text for a log. A message may quote what a back end sent, so it is cut and made printable. */
final class ProbeFailure {

    private ProbeFailure() {}

    static String text(Throwable failure) {
        Throwable cause = cause(failure);
        String name = cause.getClass().getSimpleName();
        String message = cause instanceof IOException ? cause.getMessage() : null;
        return printable(message == null ? name : name + ": " + message);
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException || cause instanceof ExecutionException) {
            @Nullable Throwable inner = cause.getCause();
            if (inner == null) {
                break;
            }
            cause = inner;
        }
        return cause;
    }

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.chars()
                .limit(ProbeAnswer.MAX_REASON)
                .forEach(c -> printable.append(ProbeAnswer.isPrintable(c) ? (char) c : '?'));
        return printable.toString();
    }
}
