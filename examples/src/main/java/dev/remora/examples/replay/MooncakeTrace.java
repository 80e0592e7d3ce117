package dev.remora.examples.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The lines of a Mooncake trace. The first block of {@code hash_ids} is shared by all requests, the second one tells the
 * conversation.
 */
final class MooncakeTrace {

    private static final int CONVERSATION_BLOCK = 1;
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private MooncakeTrace() {}

    static TraceRequest parseLine(String line) throws IOException {
        JsonNode request = JSON.readTree(line);
        JsonNode block = request.path("hash_ids").path(CONVERSATION_BLOCK);
        return new TraceRequest(
                TimeUnit.MILLISECONDS.toNanos(number(request, "timestamp")),
                Math.toIntExact(number(request, "input_length")),
                Math.toIntExact(number(request, "output_length")),
                block.isMissingNode() ? Optional.empty() : Optional.of(block.asText()));
    }

    /**
     * The recording has a tick of 3 seconds: all requests of a tick carry its beginning. They are spread evenly over the
     * time until the next tick, in the order of the file.
     */
    static List<TraceRequest> spread(List<TraceRequest> requests) {
        var spread = new ArrayList<TraceRequest>(requests.size());
        for (int from = 0, to; from < requests.size(); from = to) {
            long tick = requests.get(from).atNanos();
            to = from;
            while (to < requests.size() && requests.get(to).atNanos() == tick) {
                to++;
            }
            long span = to < requests.size() ? requests.get(to).atNanos() - tick : TICK_NANOS;
            for (int i = from; i < to; i++) {
                spread.add(requests.get(i).earlierBy(-span * (i - from) / (to - from)));
            }
        }
        return spread;
    }

    private static long number(JsonNode request, String field) {
        JsonNode value = request.path(field);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: a whole number)");
        }
        return value.longValue();
    }
}
