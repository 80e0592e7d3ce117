package dev.remora.guard;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.RequestView;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Lets in whoever shows a key that is known, and takes the key away from the request. */
final class ApiKeyGuard implements Guard {

    private static final String AUTHORIZATION = "authorization";
    private static final String BEARER = "Bearer";
    private static final int MAX_LENGTH = 512;

    /** Stands for a credential that is not well-formed; it is nobody's key. */
    private static final String MALFORMED = "";

    // What is to be said is in RFC 6750, section 3.
    private static final String CHALLENGE = "Bearer realm=\"remora\"";
    private static final Admission MISSING = denied(Problem.of(401, "Unauthorized", "an API key is needed"), CHALLENGE);
    private static final Admission UNKNOWN = denied(
            Problem.of(401, "Unauthorized", "the API key is not known"), CHALLENGE + ", error=\"invalid_token\"");
    private static final Admission TWO =
            denied(Problem.of(400, "Bad request", "one API key at a time"), CHALLENGE + ", error=\"invalid_request\"");

    private final ApiKeys keys;
    private final String header;

    ApiKeyGuard(ApiKeys keys, String header) {
        this.keys = keys;
        this.header = Tokens.valid("header", header);
    }

    private static Admission denied(Problem problem, String challenge) {
        return Admission.denied(problem, HeaderEdits.add("www-authenticate", challenge));
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        Optional<String> bearer = bearer(request.headers(AUTHORIZATION));
        Optional<String> named = named(request.headers(header));
        if (bearer.isPresent() && named.isPresent() && !bearer.equals(named)) {
            return TWO;
        }
        Optional<String> shown = bearer.or(() -> named);
        if (shown.isEmpty()) {
            return MISSING;
        }
        return shown.filter(key -> !key.equals(MALFORMED))
                .flatMap(key -> keys.caller(ApiKey.sha256(key)))
                .map(caller -> Admission.admitted(caller, new Taken(taken(bearer.isPresent(), named.isPresent()))))
                .orElse(UNKNOWN);
    }

    /** The token of a bearer; nothing when there are no credentials, or they are of another kind and not ours to judge. */
    private static Optional<String> bearer(List<String> values) {
        if (values.size() != 1) {
            return values.isEmpty() ? Optional.empty() : Optional.of(MALFORMED);
        }
        String value = values.get(0);
        int space = value.indexOf(' ');
        String scheme = space < 0 ? value : value.substring(0, space);
        if (!scheme.equalsIgnoreCase(BEARER)) {
            return Optional.empty();
        }
        int token = space < 0 ? value.length() : space;
        while (token < value.length() && value.charAt(token) == ' ') {
            token++;
        }
        return Optional.of(wellFormed(value.substring(token)));
    }

    private static Optional<String> named(List<String> values) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(values.size() == 1 ? wellFormed(values.get(0)) : MALFORMED);
    }

    private static String wellFormed(String key) {
        boolean isWellFormed = key.length() <= MAX_LENGTH && key.chars().allMatch(c -> c > ' ' && c < 0x7f);
        return isWellFormed ? key : MALFORMED;
    }

    private HeaderEdits taken(boolean fromBearer, boolean fromHeader) {
        HeaderEdits bearerGone = fromBearer ? HeaderEdits.remove(AUTHORIZATION) : HeaderEdits.none();
        return fromHeader ? HeaderEdits.all(bearerGone, ClientCredentials.removed(Set.of(header))) : bearerGone;
    }

    /** Holds nothing, but the key does not go on to the back end. */
    private record Taken(HeaderEdits requestEdits) implements Permit {
        @Override
        public void ended(Outcome outcome) {}
    }
}
