package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.guard.ApiKey;
import dev.remora.guard.ApiKeys;
import dev.remora.guard.Credentials;
import dev.remora.guard.Guard;
import dev.remora.guard.Secret;
import dev.remora.strategy.Picker;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the gateway shows to back ends, and what they never see of what clients show. */
final class CredentialsTest extends GuardFixture {

    private static final String SHOWN = "authorization: Bearer s3cret\r\n";

    private static Credentials bearer(String secret) {
        return Credentials.bearer(Secret.of(() -> secret));
    }

    private void start(Credentials credentials, Guard... guards) {
        start(balancer -> balancer.credentials(credentials), server -> {}, guards);
    }

    private static long count(String head, String name) {
        return head.lines()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .count();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Other: 1",
                "Authorization: Bearer client",
                "Authorization: Basic client",
                "AUTHORIZATION: Bearer client\r\nauthorization: Bearer client2",
                "Authorization: Bearer client\r\nConnection: Authorization",
                "Connection: authorization",
                "X-Api-Key: client\r\nApi-Key: client\r\nX-Goog-Api-Key: client\r\nProxy-Authorization: Basic client"
            })
    void backEndsSeeTheGatewaysSecretAlone(String clients) throws Exception {
        start(bearer("s3cret"));
        String answer = client().send(get("/", clients)).response();
        assertThat(answer).endsWith("ok").doesNotContain("s3cret");
        String seen = arrival();
        assertThat(seen).containsIgnoringCase(SHOWN).doesNotContain("client");
        assertThat(count(seen, "authorization")).isEqualTo(1);
    }

    @Test
    void soDoTheBackEndsOfUpgrades() throws Exception {
        start(bearer("s3cret"));
        Wire client = client().send(upgrade("/ws", "Authorization: Bearer client"));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ").doesNotContain("s3cret");
        assertThat(arrival())
                .containsIgnoringCase(SHOWN)
                .doesNotContain("client")
                .containsIgnoringCase("upgrade: websocket");
    }

    @Test
    void clientsOwnKeyIsReplacedByTheGateways() throws Exception {
        start(bearer("s3cret"), Guard.apiKeys(ApiKeys.of(new ApiKey("alice", "free", ApiKey.sha256("client")))));
        assertThat(client().send(get("/", "X-Api-Key: client")).response()).endsWith("ok");
        assertThat(arrival()).containsIgnoringCase(SHOWN).doesNotContain("client");
        assertThat(client().send(get("/", "Authorization: Bearer s3cret")).response())
                .as("the gateway's secret opens nothing here")
                .startsWith("HTTP/1.1 401 ");
    }

    @Test
    void eachBackEndSeesItsOwnSecretWhenARequestMovesOn() throws Exception {
        ScriptedBackend a = backend("a", server -> {
            receive(server);
            server.reset();
        });
        ScriptedBackend b = answering("b", server -> {
            receive(server);
            server.send(OK);
        });
        gateway(
                balancer -> balancer.credentials(Credentials.perBackend(Map.of(
                                "a", bearer("s3cret"), "b", Credentials.header("X-Secret", Secret.of(() -> "other")))))
                        .strategy(
                                snapshot -> context -> context.eligible(0) ? 0 : context.eligible(1) ? 1 : Picker.NONE),
                server -> server.replayBodies(1000),
                a,
                b);
        Wire client = client().send(post("/", "hello", "Authorization: Bearer client", "X-Secret: client"));
        assertThat(client.response()).endsWith("ok");
        assertThat(arrival())
                .containsIgnoringCase(SHOWN)
                .doesNotContain("client")
                .doesNotContain("other");
        String second = arrival();
        assertThat(second)
                .containsIgnoringCase("x-secret: other\r\n")
                .doesNotContain("client")
                .doesNotContainIgnoringCase("authorization")
                .endsWith("hello");
        assertThat(count(second, "x-secret")).isEqualTo(1);
        assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.NO_RESPONSE));
        assertThat(outcome()).isEqualTo(Outcome.success());
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Secret", "x_secret"})
    void noBackEndSeesAClientsInTrailers(String name) throws Exception {
        gateway(
                balancer -> balancer.credentials(Credentials.header("X-Secret", Secret.of(() -> "s3cret"))),
                server -> {},
                answering("a", server -> {
                    arrived.add(server.head() + server.chunked());
                    server.send(OK);
                }));
        client().send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n" + name
                        + ": client\r\nX-Check: 7\r\n\r\n")
                .response();
        assertThat(arrival())
                .containsIgnoringCase("x-secret: s3cret\r\n")
                .doesNotContain("client")
                .endsWith("hi|X-Check: 7");
    }

    @Test
    void secretThatFailsFailsTheRequestAndSaysNothing() throws Exception {
        start(Credentials.bearer(Secret.of(() -> "s3cret\r\nX-Injected: 1")));
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 500 ").doesNotContain("s3cret");
        assertThat(arrived).isEmpty();
    }

    @Test
    void clientsMayUseTheirOwnIfTheyAreLet() throws Exception {
        start(bearer("s3cret").allowingClients());
        assertThat(client().send(get("/", "Authorization: Bearer client")).response())
                .endsWith("ok");
        assertThat(arrival()).contains("Bearer client").doesNotContain("s3cret");
        assertThat(client().send(GET).response()).endsWith("ok");
        assertThat(arrival()).containsIgnoringCase(SHOWN);
        assertThat(client().send(get("/", "Authorization: Bearer client", "Connection: authorization"))
                        .response())
                .endsWith("ok");
        assertThat(arrival()).doesNotContain("client").containsIgnoringCase(SHOWN);
    }
}
