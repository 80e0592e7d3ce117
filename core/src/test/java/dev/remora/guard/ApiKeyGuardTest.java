package dev.remora.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import dev.remora.http.FakeHeaders;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyGuardTest {

    private static final String ALICE = ApiKey.generate();
    private static final String BOB = ApiKey.generate();

    private final Guard guard = Guard.apiKeys(ApiKeys.of(
            new ApiKey("alice", "free", ApiKey.sha256(ALICE)), new ApiKey("bob", "paid", ApiKey.sha256(BOB))));

    private static FakeRequest request() {
        return FakeRequest.get("/v1/chat");
    }

    private Admission ask(FakeRequest request) {
        return guard.admit(request, Visitor.from(new ClientOrigin(InetAddress.getLoopbackAddress(), true), false));
    }

    private Admission.Admitted admitted(FakeRequest request) {
        return (Admission.Admitted) ask(request);
    }

    private Optional<String> caller(FakeRequest request) {
        return admitted(request).caller().map(caller -> caller.label() + " " + caller.plan());
    }

    /** Status and challenge. */
    private String answer(FakeRequest request) {
        Admission.Denied denied = (Admission.Denied) ask(request);
        FakeHeaders headers = new FakeHeaders();
        denied.headers().applyTo(headers);
        assertThat(headers.names()).containsExactly("www-authenticate");
        return denied.problem().status() + " " + headers.values("www-authenticate");
    }

    private FakeHeaders seenByTheBackend(FakeRequest request) {
        FakeHeaders headers = new FakeHeaders();
        for (String name : new String[] {"Authorization", "X-Api-Key", "Accept"}) {
            request.headers(name).forEach(value -> headers.add(name, value));
        }
        admitted(request).permit().orElseThrow().requestEdits().applyTo(headers);
        return headers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", "Bearer    "})
    void theTokenOfABearerIsAKey(String scheme) {
        assertThat(caller(request().header("Authorization", scheme + ALICE))).contains("alice free");
    }

    @Test
    void aHeaderMayHoldTheKey() {
        assertThat(caller(request().header("X-Api-Key", BOB))).contains("bob paid");
    }

    @Test
    void theSameKeyTwiceIsOneKey() {
        assertThat(caller(request().header("X-Api-Key", BOB).header("Authorization", "Bearer " + BOB)))
                .contains("bob paid");
    }

    @Test
    void theHeaderMayHaveAnotherName() {
        Guard named = Guard.apiKeys(ApiKeys.of(new ApiKey("alice", "free", ApiKey.sha256(ALICE))), "X-Goog-Api-Key");
        Visitor visitor = Visitor.from(new ClientOrigin(InetAddress.getLoopbackAddress(), true), false);
        assertThat(named.admit(request().header("x-goog-api-key", ALICE), visitor))
                .isInstanceOf(Admission.Admitted.class);
        assertThat(named.admit(request().header("x-api-key", ALICE), visitor)).isInstanceOf(Admission.Denied.class);
    }

    @Test
    void theKeyDoesNotGoOn() {
        FakeRequest request = request().header("Accept", "*/*");
        assertThat(seenByTheBackend(request.header("Authorization", "Bearer " + ALICE))
                        .names())
                .containsExactly("Accept");
        assertThat(seenByTheBackend(request.header("X-Api-Key", ALICE)).names()).containsExactly("Accept");
    }

    @Test
    void credentialsOfAnotherKindGoOn() {
        FakeRequest request = request().header("Authorization", "Basic dTpw").header("X-Api-Key", ALICE);
        assertThat(seenByTheBackend(request).names()).containsExactly("Authorization");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic dTpw", "Digest x=y", "Bearerx", "", " Bearer x", "\tBearer x", "Bearer\tx"})
    void whatIsNoBearersIsNoCredential(String authorization) {
        assertThat(answer(request().header("Authorization", authorization))).isEqualTo("401 [Bearer realm=\"remora\"]");
    }

    @Test
    void whoShowsNothingIsToldWhatToShow() {
        assertThat(answer(request())).isEqualTo("401 [Bearer realm=\"remora\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer",
                "Bearer ",
                "Bearer wrong",
                "Bearer a b",
                "Bearer a\tb",
                "Bearer a\nb",
                "Bearer a ",
                "Bearer \u00e9",
                "Bearer \u0000",
                "Bearer \u007f"
            })
    void aWrongOrMalformedTokenIsInvalid(String authorization) {
        assertThat(answer(request().header("Authorization", authorization)))
                .isEqualTo("401 [Bearer realm=\"remora\", error=\"invalid_token\"]");
    }

    @Test
    void aKnownKeyWithAnythingAroundItIsInvalid() {
        for (String form : new String[] {"%s,", "%s %<s", "%s\u0000", "\"%s\"", "%s=", "%s\r\nX: y"}) {
            assertThat(answer(request().header("Authorization", "Bearer " + form.formatted(ALICE))))
                    .startsWith("401 ");
            assertThat(answer(request().header("X-Api-Key", form.formatted(ALICE))))
                    .startsWith("401 ");
        }
    }

    @Test
    void aKeyInOtherLettersIsUnknown() {
        String swapped = ALICE.equals(ALICE.toUpperCase(Locale.ROOT)) ? ALICE + "x" : ALICE.toUpperCase(Locale.ROOT);
        assertThat(answer(request().header("X-Api-Key", swapped))).startsWith("401 ");
    }

    @Test
    void theHashIsNoKey() {
        assertThat(answer(request().header("X-Api-Key", ApiKey.sha256(ALICE)))).startsWith("401 ");
    }

    @Test
    void aHeaderThatComesTwiceIsInvalid() {
        assertThat(answer(request()
                        .header("Authorization", "Bearer " + ALICE)
                        .header("Authorization", "Bearer " + ALICE)))
                .startsWith("401 ");
        assertThat(answer(request().header("X-Api-Key", ALICE).header("X-Api-Key", BOB)))
                .startsWith("401 ");
    }

    @Test
    void twoKeysThatDifferAreOneTooMany() {
        assertThat(answer(request().header("X-Api-Key", ALICE).header("Authorization", "Bearer " + BOB)))
                .isEqualTo("400 [Bearer realm=\"remora\", error=\"invalid_request\"]");
        assertThat(answer(request().header("X-Api-Key", ALICE).header("Authorization", "Bearer")))
                .startsWith("400 ");
    }

    @Test
    void aKeyHasUpTo512Characters() {
        String longest = "k".repeat(512);
        Guard longKeys = Guard.apiKeys(sha256 -> Optional.of(new Caller("anybody", "free")));
        Visitor visitor = Visitor.from(new ClientOrigin(InetAddress.getLoopbackAddress(), true), false);
        assertThat(longKeys.admit(request().header("X-Api-Key", longest), visitor))
                .isInstanceOf(Admission.Admitted.class);
        assertThat(longKeys.admit(request().header("X-Api-Key", longest + "k"), visitor))
                .isInstanceOf(Admission.Denied.class);
        assertThat(longKeys.admit(request().header("X-Api-Key", ""), visitor)).isInstanceOf(Admission.Denied.class);
    }

    @Test
    void noRandomHeaderIsLetIn() {
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "Bearer " : "");
            for (int c = random.nextInt(40); c > 0; c--) {
                text.append((char) random.nextInt(0x180));
            }
            Admission.Denied denied = (Admission.Denied) ask(request().header("Authorization", text.toString()));
            assertThat(denied.problem().status()).isEqualTo(401);
        }
    }

    @Test
    void nothingOfAKeyIsInAnyText() {
        Admission.Denied denied = (Admission.Denied) ask(request().header("Authorization", "Bearer hunter2"));
        assertThat(new String(denied.problem().json(), StandardCharsets.UTF_8) + denied)
                .doesNotContain("hunter2");
        Admission.Admitted admitted = admitted(request().header("X-Api-Key", ALICE));
        assertThat(admitted.toString()).doesNotContain(ALICE).doesNotContain(ApiKey.sha256(ALICE));
        assertThat(new ApiKey("alice", "free", ApiKey.sha256(ALICE)).toString())
                .isEqualTo("ApiKey[label=alice, plan=free]");
    }

    @Test
    void aKeyInPlaceOfItsHashIsRefusedButNotRepeated() {
        assertThatThrownBy(() -> new ApiKey("alice", "free", ALICE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sha256: 43 characters (expected: 64 hexadecimal digits in lower case)");
    }

    @Test
    void theSameHashTwiceIsRefused() {
        ApiKey key = new ApiKey("alice", "free", ApiKey.sha256(ALICE));
        assertThatThrownBy(() -> ApiKeys.of(key, key))
                .hasMessage("api keys: the one of alice again (expected: each once)");
    }

    @Test
    void theHashIsThatOfTheStandard() {
        assertThat(ApiKey.sha256("abc")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @Test
    void newKeysDifferAndCanBeShown() {
        assertThat(ALICE).isNotEqualTo(BOB).matches("[A-Za-z0-9_-]{43}");
    }

    @Test
    void aFileListsKeys(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("keys");
        Files.writeString(file, "# keys\nalice  free " + ApiKey.sha256(ALICE) + " # since May\n");
        ApiKeys keys = ApiKeys.file(file);
        assertThat(keys.caller(ApiKey.sha256(ALICE))).contains(new Caller("alice", "free"));
        assertThat(keys.caller(ApiKey.sha256(BOB))).isEmpty();
    }

    @Test
    void aBadLineOfKeysIsNamedButNotRepeated(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("keys");
        for (String line : new String[] {"alice free " + ALICE, ALICE, "alice free x " + ALICE}) {
            Files.writeString(file, "\n" + line + "\n");
            assertThatThrownBy(() -> ApiKeys.file(file))
                    .hasMessageContaining(": line 2: ")
                    .message()
                    .doesNotContain(ALICE);
        }
    }
}
