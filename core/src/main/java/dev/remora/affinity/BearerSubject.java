package dev.remora.affinity;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;

/**
 * Reads the subject of an unverified JSON Web Token. The only class here that knows Jackson, so that the others do
 * without.
 */
final class BearerSubject {

    private static final String SCHEME = "Bearer ";
    private static final int MAX_TOKEN = 8_192;

    private final JsonFactory json = new JsonFactory();

    private BearerSubject() {}

    static AffinityRule rule() {
        BearerSubject reader = new BearerSubject();
        return (request, origin) -> request.header("authorization").flatMap(reader::subject);
    }

    private Optional<AffinityKey> subject(String authorization) {
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) || authorization.length() > MAX_TOKEN) {
            return Optional.empty();
        }
        String token = authorization.substring(SCHEME.length()).strip();
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        if (first < 0 || second < 0) {
            return Optional.empty();
        }
        try (JsonParser claims = json.createParser(Base64.getUrlDecoder().decode(token.substring(first + 1, second)))) {
            return subject(claims);
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<AffinityKey> subject(JsonParser claims) throws IOException {
        if (claims.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        while (claims.nextToken() == JsonToken.FIELD_NAME) {
            boolean subject = claims.currentName().equals("sub");
            JsonToken value = claims.nextToken();
            if (subject) {
                boolean text =
                        value == JsonToken.VALUE_STRING && !claims.getText().isEmpty();
                return text ? Optional.of(AffinityKey.of(claims.getText())) : Optional.empty();
            }
            claims.skipChildren();
        }
        return Optional.empty();
    }
}
