package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;
import java.util.Map;

/**
 * What this gateway shows to a back end to be let in. Thread-safe; does not block.
 *
 * <p>Those of the catalogue take the client's own away first: {@code Authorization}, {@code Proxy-Authorization},
 * {@code X-Api-Key}, {@code Api-Key}, {@code X-Goog-Api-Key} and the header that they set themselves. {@link #allowingClients} lets
 * clients use their own.
 *
 * <pre>{@code
 * builder.credentials(Credentials.perBackend(Map.of(
 *         "openai", Credentials.bearer(Secret.environment("OPENAI_API_KEY")),
 *         "anthropic", Credentials.header("X-Api-Key", Secret.file(Path.of("/run/secrets/anthropic"))))));
 * }</pre>
 */
@FunctionalInterface
public interface Credentials {

    /** What to change in the head of a request before it is sent to a back end. */
    HeaderEdits requestEdits(Backend backend);

    /** The client's own credentials go on if it shows any, and otherwise these are shown. */
    default Credentials allowingClients() {
        return new ClientsFirst(this);
    }

    /** Nothing is shown. */
    static Credentials none() {
        return backend -> ClientCredentials.REMOVED;
    }

    /** {@code Authorization: Bearer} and the secret (RFC 6750). */
    static Credentials bearer(Secret secret) {
        return new HeaderCredentials("authorization", "Bearer ", secret);
    }

    /**
     * A header with the secret alone, as {@code X-Api-Key}.
     *
     * @param name of the header
     */
    static Credentials header(String name, Secret secret) {
        return new HeaderCredentials(name, "", secret);
    }

    /**
     * Others for each back end. One that is not named is shown nothing, and no back end sees what a client writes into a
     * header that another one's are in.
     *
     * @param byId by the ids of back ends
     */
    static Credentials perBackend(Map<String, Credentials> byId) {
        return new BackendCredentials(byId);
    }
}
