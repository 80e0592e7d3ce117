package dev.remora.examples.replay;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recording of the requests that a real language-model service got. Two formats are read, told apart by the first line:
 * the CSV files of AzurePublicDataset ({@code TIMESTAMP,ContextTokens,GeneratedTokens}) and the JSON lines of Mooncake
 * ({@code timestamp}, {@code input_length}, {@code output_length}, {@code hash_ids}).
 *
 * @param requests in the order of their arrival; the first arrives at 0
 */
public record Trace(List<TraceRequest> requests) {

    private static final int MAX_REQUESTS = 5_000_000;

    public Trace {
        requests = List.copyOf(requests);
    }

    /**
     * Reads a whole file.
     *
     * @throws IOException when the file cannot be read, or with the line and the reason when it is no trace
     */
    public static Trace read(Path file) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            String first = lines.readLine();
            if (first == null) {
                throw new IOException(file + ": empty (expected: a trace)");
            }
            if (first.startsWith("{")) {
                return ordered(MooncakeTrace.spread(parse(file, 1, first, lines, MooncakeTrace::parseLine)));
            }
            if (!first.equals(AzureTrace.HEADER)) {
                throw new IOException(file + ":1: " + abridged(first) + " (expected: " + AzureTrace.HEADER
                        + ", or a JSON object with timestamp, input_length, output_length, hash_ids)");
            }
            return ordered(parse(file, 2, lines.readLine(), lines, AzureTrace::parseLine));
        }
    }

    /** The first {@code count} requests, or all when there are fewer. */
    public Trace first(int count) {
        return new Trace(requests.subList(0, Math.min(count, requests.size())));
    }

    /** Whether the trace tells which requests belong together. */
    public boolean hasConversations() {
        return requests.stream().anyMatch(request -> request.conversation().isPresent());
    }

    private static Trace ordered(List<TraceRequest> requests) {
        var sorted = new ArrayList<>(requests);
        sorted.sort(Comparator.comparingLong(TraceRequest::atNanos));
        long origin = sorted.isEmpty() ? 0 : sorted.get(0).atNanos();
        return new Trace(
                sorted.stream().map(request -> request.earlierBy(origin)).toList());
    }

    private interface LineParser {
        TraceRequest parse(String line) throws IOException;
    }

    private static List<TraceRequest> parse(
            Path file, int number, @Nullable String line, BufferedReader rest, LineParser parser) throws IOException {
        var requests = new ArrayList<TraceRequest>();
        for (; line != null; line = rest.readLine(), number++) {
            if (line.isBlank()) {
                continue;
            }
            if (requests.size() == MAX_REQUESTS) {
                throw new IOException(file + ": too long (expected: at most " + MAX_REQUESTS + " requests)");
            }
            try {
                requests.add(parser.parse(line));
            } catch (IOException | RuntimeException e) {
                throw new IOException(
                        file + ":" + number + ": "
                                + abridged(String.valueOf(e.getMessage())
                                        .lines()
                                        .findFirst()
                                        .orElse("not understood")),
                        e);
            }
        }
        return requests;
    }

    private static String abridged(String text) {
        return text.length() <= 160 ? text : text.substring(0, 160) + "...";
    }
}
