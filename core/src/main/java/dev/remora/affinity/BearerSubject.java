package dev.remora.affinity;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Reads the subject of an unverified JSON Web Token. The only class here that knows Jackson, so that the others do
 * without.
 */
final class BearerSubject {

    private static final String SCHEME = "Bearer ";
    private static final int MAX_LENGTH = 8_192;

    // Names that strangers make up are not worth remembering.
    private final JsonFactory json = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /** The subject of the token in an {@code Authorization} header, if it has the form of one. */
    Optional<String> read(String authorization) {
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) || authorization.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String[] parts = authorization.substring(SCHEME.length()).strip().split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try (JsonParser claims = json.createParser(text(parts[1]))) {
            return subject(claims);
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String text(String base64) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(base64)))
                .toString();
    }

    // To the end, and nothing behind it: a token that was cut has no subject.
    private static Optional<String> subject(JsonParser claims) throws IOException {
        Optional<String> subject = Optional.empty();
        boolean found = false;
        if (claims.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        while (claims.nextToken() == JsonToken.FIELD_NAME) {
            boolean isSubject = !found && claims.currentName().equals("sub");
            JsonToken value = claims.nextToken();
            if (isSubject) {
                found = true;
                boolean isText = value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT;
                subject = isText ? Optional.of(claims.getText()) : Optional.empty();
            }
            claims.skipChildren();
        }
        boolean isWhole = claims.currentToken() == JsonToken.END_OBJECT && claims.nextToken() == null;
        return isWhole ? subject : Optional.empty();
    }
}
