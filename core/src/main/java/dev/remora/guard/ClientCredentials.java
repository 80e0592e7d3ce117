package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.http.Headers;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The headers in which clients show credentials. Stateless. */
final class ClientCredentials {

    static final Set<String> NAMES =
            Set.of("authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key");

    /** All of them go. */
    static final HeaderEdits REMOVED = removed(NAMES);

    private ClientCredentials() {}

    // Back ends that keep headers as CGI variables cannot tell X_Api_Key from X-Api-Key.
    static HeaderEdits removed(Collection<String> names) {
        Set<String> alike = names.stream().map(ClientCredentials::alike).collect(Collectors.toUnmodifiableSet());
        return headers -> headers.names().stream()
                .filter(name -> alike.contains(alike(name)))
                .forEach(headers::remove);
    }

    private static String alike(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
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
