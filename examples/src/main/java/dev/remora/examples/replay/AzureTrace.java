package dev.remora.examples.replay;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** The lines of an AzureLLMInferenceTrace file. They tell no conversations. */
final class AzureTrace {

    static final String HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";

    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral(' ')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .optionalStart()
            .appendOffset("+HH:MM", "Z")
            .toFormatter();

    private AzureTrace() {}

    static TraceRequest parseLine(String line) {
        String[] fields = line.split(",", -1);
        if (fields.length != 3) {
            throw new IllegalArgumentException(line + " (expected: " + HEADER + ")");
        }
        LocalDateTime time = LocalDateTime.parse(fields[0], TIMESTAMP);
        long atNanos = ChronoUnit.NANOS.between(Instant.EPOCH, time.toInstant(ZoneOffset.UTC));
        return new TraceRequest(atNanos, tokens(fields[1]), tokens(fields[2]), Optional.empty());
    }

    private static int tokens(String field) {
        try {
            return Integer.parseInt(field);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("tokens: " + field + " (expected: a whole number)", e);
        }
    }
}
