package dev.remora.guard;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads from the body of a request how many tokens its answer may take at most, in the form of OpenAI's and Anthropic's APIs. The
 * only class here that knows Jackson, so that the others do without.
 */
final class AskedTokens {

    private static final Set<String> NAMES = Set.of("max_tokens", "max_completion_tokens", "max_output_tokens");

    // Names that strangers make up are not worth remembering.
    private final JsonFactory json = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /**
     * The most tokens of the answer; nothing if the body does not say, or not in the part that is there. Of several numbers
     * the largest: which one the back end heeds is its own affair. Less than 1 is no bound: some write it as -1.
     */
    OptionalLong read(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        OptionalLong most = OptionalLong.empty();
        try (JsonParser request = json.createParser(bytes)) {
            if (request.nextToken() != JsonToken.START_OBJECT) {
                return most;
            }
            while (request.nextToken() == JsonToken.FIELD_NAME) {
                boolean asked = NAMES.contains(request.currentName());
                JsonToken value = request.nextToken();
                if (asked && value == JsonToken.VALUE_NUMBER_INT) {
                    most = OptionalLong.of(Math.max(most.orElse(0), tokens(request)));
                }
                request.skipChildren();
            }
        } catch (IOException e) {
            // The rest is not there, or is no JSON: what was said before holds.
        }
        return most;
    }

    private static long tokens(JsonParser number) throws IOException {
        if (number.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            return Long.MAX_VALUE;
        }
        long tokens = number.getLongValue();
        return tokens < 1 ? Long.MAX_VALUE : tokens;
    }
}
