package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.http.Headers;
import java.util.Collection;
import java.util.Set;

/** The headers in which clients show credentials. Stateless. */
final class ClientCredentials {

    static final Set<String> NAMES =
            Set.of("authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key");

    /** All of them go. */
    static final HeaderEdits REMOVED = removed(NAMES);

    private ClientCredentials() {}

    static HeaderEdits removed(Collection<String> names) {
        return HeaderEdits.all(names.stream().map(HeaderEdits::remove).toArray(HeaderEdits[]::new));
    }

    static boolean areIn(Headers headers, Collection<String> more) {
        return isAny(headers, NAMES) || isAny(headers, more);
    }

    private static boolean isAny(Headers headers, Collection<String> names) {
        return names.stream().anyMatch(name -> !headers.values(name).isEmpty());
    }

    /** The headers that credentials of the catalogue may set. */
    static Set<String> namesOf(Credentials credentials) {
        if (credentials instanceof HeaderCredentials header) {
            return Set.of(header.name());
        }
        if (credentials instanceof BackendCredentials backends) {
            return backends.names();
        }
        return credentials instanceof ClientsFirst clients ? namesOf(clients.otherwise()) : Set.of();
    }
}
