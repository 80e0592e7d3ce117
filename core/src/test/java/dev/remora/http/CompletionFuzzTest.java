package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The scanner against Jackson, on random documents cut into random lines of an event stream. */
class CompletionFuzzTest {

    private static final JsonFactory JSON = JsonFactory.builder().build();
    private static final List<String> NAMES = List.of(
            "usage",
            "usage",
            "response",
            "message",
            "choices",
            "delta",
            "prompt_tokens",
            "completion_tokens",
            "input_tokens",
            "output_tokens",
            "id",
            "object",
            "x",
            "usag",
            "usages",
            "a\"usage\":{\"prompt_tokens\":1}",
            "");
    private static final List<String> TOKEN_NAMES =
            List.of("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "usage", "x");
    private static final Set<String> CONTAINERS = Set.of("usage", "response", "message");
    private static final List<String> TEXTS = List.of(
            "", "usage", "\"usage\":{\"input_tokens\":7}", "\\", "\\\"", "{", "}]", "\u00fc\u20ac", "\n\t", "12");

    private final Random random = new Random(42);

    @Test
    void agreesWithJackson() throws IOException {
        int counted = 0;
        for (int i = 0; i < 40_000; i++) {
            String json = document();
            Tokens expected = Tokens.of(json);
            counted += expected.input >= 0 || expected.output >= 0 ? 1 : 0;
            CompletionScanner scanner = scan(stream(json));
            assertThat(new Tokens(scanner.usage().inputTokens(), scanner.usage().outputTokens()))
                    .as(json)
                    .isEqualTo(expected.orEstimate());
        }
        assertThat(counted).as("documents with a usage").isGreaterThan(1_000);
    }

    private String document() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            if (random.nextBoolean()) {
                json.useDefaultPrettyPrinter();
            }
            object(json, 0, NAMES);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private void object(JsonGenerator json, int depth, List<String> names) throws IOException {
        json.writeStartObject();
        for (int members = random.nextInt(7 - depth); members > 0; members--) {
            String name = names.get(random.nextInt(names.size()));
            json.writeFieldName(name);
            if (CONTAINERS.contains(name) && random.nextInt(4) > 0) {
                object(json, depth + 1, name.equals("usage") ? TOKEN_NAMES : NAMES);
            } else {
                value(json, depth + 1);
            }
        }
        json.writeEndObject();
    }

    private void value(JsonGenerator json, int depth) throws IOException {
        switch (random.nextInt(depth < 4 ? 10 : 7)) {
            case 0 -> json.writeNull();
            case 1 -> json.writeBoolean(random.nextBoolean());
            case 2 -> json.writeString(TEXTS.get(random.nextInt(TEXTS.size())));
            case 3 -> json.writeNumber(random.nextDouble() * 100 - 50);
            case 4 -> json.writeNumber(new BigInteger(random.nextInt(90), random));
            case 5, 6 -> json.writeNumber(random.nextInt(2_000) - 200);
            case 7 -> array(json, depth);
            default -> object(json, depth, NAMES);
        }
    }

    private void array(JsonGenerator json, int depth) throws IOException {
        json.writeStartArray();
        for (int elements = random.nextInt(3); elements > 0; elements--) {
            value(json, depth + 1);
        }
        json.writeEndArray();
    }

    // Lines end anywhere between two tokens; here where the printer breaks them, and before some members.
    private String stream(String json) {
        String end = List.of("\n", "\r\n", "\r").get(random.nextInt(3));
        return "data: " + json.replace(System.lineSeparator(), end + "data:" + " ".repeat(random.nextInt(2))) + end
                + end + ":" + end;
    }

    private static CompletionScanner scan(String stream) {
        EventStreamEvents events = new EventStreamEvents();
        CompletionScanner scanner = new CompletionScanner();
        for (byte b : stream.getBytes(StandardCharsets.UTF_8)) {
            if (events.next(b)) {
                scanner.ended();
            }
            scanner.next(b, events.isInData());
        }
        return scanner;
    }

    /** What Jackson finds; -1 for what is not named. */
    private record Tokens(long input, long output) {

        private static final List<String> PLACES = List.of("/usage", "/response/usage", "/message/usage");

        static Tokens of(String json) throws IOException {
            Tokens tokens = new Tokens(-1, -1);
            try (JsonParser parser = JSON.createParser(json)) {
                for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                    if (token == JsonToken.FIELD_NAME
                            && isUsage(parser.getParsingContext().pathAsPointer())) {
                        tokens = new Tokens(-1, -1);
                    } else if (token == JsonToken.FIELD_NAME) {
                        tokens = tokens.with(parser.getParsingContext().pathAsPointer(), -1);
                    } else if (token == JsonToken.VALUE_NUMBER_INT
                            && parser.getBigIntegerValue().signum() >= 0) {
                        long value = parser.getBigIntegerValue()
                                .min(BigInteger.valueOf(Long.MAX_VALUE))
                                .longValue();
                        tokens = tokens.with(parser.getParsingContext().pathAsPointer(), value);
                    }
                }
            }
            return tokens;
        }

        private static boolean isUsage(JsonPointer pointer) {
            return PLACES.contains(pointer.toString());
        }

        private Tokens with(JsonPointer pointer, long value) {
            JsonPointer parent = pointer.head();
            if (parent == null || !isUsage(parent)) {
                return this;
            }
            return switch (pointer.last().toString()) {
                case "/prompt_tokens", "/input_tokens" -> new Tokens(value, output);
                case "/completion_tokens", "/output_tokens" -> new Tokens(input, value);
                default -> this;
            };
        }

        /** One event without a usage is one token. */
        Tokens orEstimate() {
            return input < 0 && output < 0 ? new Tokens(0, 1) : new Tokens(Math.max(input, 0), Math.max(output, 0));
        }
    }
}
