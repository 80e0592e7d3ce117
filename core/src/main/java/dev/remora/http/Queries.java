package dev.remora.http;

import java.util.Optional;

/** Reading of query parameters from a request target. Stateless. */
public final class Queries {

    private Queries() {}

    /** The first value of a parameter, percent-decoded; nothing when it is absent or not decodable. */
    public static Optional<String> first(String target, String name) {
        int query = target.indexOf('?');
        if (query < 0) {
            return Optional.empty();
        }
        for (String pair : target.substring(query + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (PercentCoding.decoded(key, true).filter(name::equals).isPresent()) {
                return equals < 0 ? Optional.of("") : PercentCoding.decoded(pair.substring(equals + 1), true);
            }
        }
        return Optional.empty();
    }
}
