package dev.remora.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.http.FakeHeaders;
import dev.remora.pool.Backend;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {

    private static final Backend A = Backend.of("a", "http://a:1");
    private static final Backend B = Backend.of("b", "http://b:1");
    private static final Backend C = Backend.of("c", "http://c:1");

    private final Secret secret = Secret.of(() -> "s3cret");

    /** What a back end sees of the headers of a client. */
    private static String seen(Credentials credentials, Backend backend, String... namesAndValues) {
        FakeHeaders headers = new FakeHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        credentials.requestEdits(backend).applyTo(headers);
        Map<String, Object> sorted = new TreeMap<>();
        headers.names().forEach(name -> sorted.put(name, headers.values(name)));
        return sorted.toString();
    }

    @Test
    void aBearerShowsTheSecret() {
        assertThat(seen(Credentials.bearer(secret), A, "accept", "*/*"))
                .isEqualTo("{accept=[*/*], authorization=[Bearer s3cret]}");
    }

    @Test
    void aHeaderShowsTheSecret() {
        assertThat(seen(Credentials.header("X-Api-Key", secret), A)).isEqualTo("{x-api-key=[s3cret]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization",
                "PROXY-AUTHORIZATION",
                "x-api-key",
                "Api-Key",
                "X-Goog-Api-Key",
                "X-Mine",
                "X_Api_Key",
                "x_mine"
            })
    void theClientsOwnCredentialsGo(String name) {
        assertThat(seen(Credentials.header("x-mine", secret), A, name, "theirs", name, "again"))
                .isEqualTo("{x-mine=[s3cret]}");
    }

    @Test
    void withoutCredentialsTheClientsGoAllTheSame() {
        assertThat(seen(Credentials.none(), A, "authorization", "theirs", "accept", "*/*"))
                .isEqualTo("{accept=[*/*]}");
    }

    @Test
    void eachBackEndIsShownItsOwn() {
        Credentials credentials = Credentials.perBackend(
                Map.of("a", Credentials.bearer(secret), "b", Credentials.header("x-b", Secret.of(() -> "for-b"))));
        String[] client = {"authorization", "theirs", "x-b", "theirs", "x-api-key", "theirs"};
        assertThat(seen(credentials, A, client)).isEqualTo("{authorization=[Bearer s3cret]}");
        assertThat(seen(credentials, B, client)).isEqualTo("{x-b=[for-b]}");
        assertThat(seen(credentials, C, client)).isEqualTo("{}");
    }

    @Test
    void aClientMayUseItsOwn() {
        Credentials credentials = Credentials.header("x-mine", secret).allowingClients();
        assertThat(seen(credentials, A, "authorization", "theirs")).isEqualTo("{authorization=[theirs]}");
        assertThat(seen(credentials, A, "x-mine", "theirs")).isEqualTo("{x-mine=[theirs]}");
        assertThat(seen(credentials, A, "accept", "*/*")).isEqualTo("{accept=[*/*], x-mine=[s3cret]}");
    }

    @Test
    void aClientMayUseItsOwnAtOneBackEndOnly() {
        Credentials credentials = Credentials.perBackend(
                Map.of("a", Credentials.bearer(secret).allowingClients(), "b", Credentials.header("x-b", secret)));
        assertThat(seen(credentials, A, "authorization", "theirs", "x-b", "theirs"))
                .isEqualTo("{authorization=[theirs]}");
        assertThat(seen(credentials, B, "authorization", "theirs", "x-b", "theirs"))
                .isEqualTo("{x-b=[s3cret]}");
    }

    @Test
    void aSecretThatFailsDoesSoBeforeAnythingIsSent() {
        Credentials credentials = Credentials.bearer(Secret.of(() -> "line\nbreak"));
        assertThatThrownBy(() -> credentials.requestEdits(A)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:", "a\nb", "\u00e9"})
    void aHeaderNeedsAName(String name) {
        assertThatThrownBy(() -> Credentials.header(name, secret))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("header: ");
    }
}
