package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.guard.AddressSet;
import dev.remora.guard.ApiKey;
import dev.remora.guard.ApiKeys;
import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.ratelimit.Limit;
import dev.remora.wire.Wire;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may enter by key, address, method, path and size, and what is left of the key behind the gateway. */
final class GuardedGatewayTest extends GuardFixture {

    private static final String KEY = "a1-key-of-alice";
    private static final String AUTHORIZED = "Authorization: Bearer " + KEY;

    private void startWithKeys(Guard... more) {
        Guard[] guards = new Guard[more.length + 1];
        guards[0] = Guard.apiKeys(ApiKeys.of(
                new ApiKey("alice", "free", ApiKey.sha256(KEY)), new ApiKey("bob", "free", ApiKey.sha256("b2"))));
        System.arraycopy(more, 0, guards, 1, more.length);
        start(guards);
    }

    private void isRefused(String request, int status) {
        assertThat(client().send(request).response()).startsWith("HTTP/1.1 " + status + ' ');
        assertThat(arrived).isEmpty();
    }

    private String enters(String request) throws InterruptedException {
        assertThat(client().send(request).response())
                .startsWith("HTTP/1.1 200 ")
                .endsWith("ok");
        return arrival();
    }

    // ---- keys

    @Test
    void whoHasNoKeyIsAskedForOneAndMayTryAgain() throws Exception {
        startWithKeys();
        Wire client = client();
        assertThat(client.send(post("/", "hello")).response())
                .startsWith("HTTP/1.1 401 ")
                .containsIgnoringCase("www-authenticate: Bearer realm=\"remora\"\r\n")
                .containsIgnoringCase("content-type: application/problem+json\r\n");
        assertThat(client.send(get("/", "Authorization: Bearer wrong")).response())
                .startsWith("HTTP/1.1 401 ")
                .contains("error=\"invalid_token\"")
                .doesNotContain("wrong");
        assertThat(client.send(get("/", AUTHORIZED)).response()).endsWith("ok");
        assertThat(arrival()).startsWith("GET / ");
        assertThat(arrived).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                AUTHORIZED,
                "authorization: bearer   " + KEY,
                "X-Api-Key: " + KEY,
                AUTHORIZED + "\r\nx-api-key: " + KEY,
                AUTHORIZED + "\r\nConnection: Authorization",
                AUTHORIZED + "\r\nConnection: close, authorization, x-api-key"
            })
    void keyDoesNotReachTheBackEnd(String shown) throws Exception {
        startWithKeys();
        assertThat(enters(get("/", shown)))
                .doesNotContain(KEY)
                .doesNotContainIgnoringCase("authorization")
                .doesNotContainIgnoringCase("x-api-key");
    }

    @Test
    void keyDoesNotReachTheBackEndOfAnUpgrade() throws Exception {
        startWithKeys();
        isRefused(upgrade("/ws"), 401);
        assertThat(client().send(upgrade("/ws", AUTHORIZED)).head()).startsWith("HTTP/1.1 101 ");
        assertThat(arrival()).contains("GET /ws ").doesNotContain(KEY).doesNotContainIgnoringCase("authorization");
    }

    @Test
    void severalKeysAtOnceAreNone() {
        startWithKeys();
        isRefused(get("/", AUTHORIZED, AUTHORIZED), 401);
        isRefused(get("/", AUTHORIZED, "Authorization: Bearer b2"), 401);
        isRefused(get("/", "X-Api-Key: " + KEY, "X-Api-Key: " + KEY), 401);
        isRefused(get("/", AUTHORIZED, "X-Api-Key: b2"), 400);
        isRefused(get("/", "Authorization: Bearer " + KEY + ", Bearer b2"), 401);
    }

    @Test
    void callersAreCountedApartWhereverTheyAre() throws Exception {
        startWithKeys(Guard.rate(LimitKey.caller(), limiter(Limit.requests(1, MINUTE))));
        enters(get("/", AUTHORIZED));
        isRefused(get("/", AUTHORIZED, from("192.0.2.7")), 429);
        enters(get("/", "X-Api-Key: b2"));
        isRefused(get("/", "X-Api-Key: c3"), 401);
    }

    // ---- addresses

    @Test
    void deniedAddressesAreThoseBehindTheProxy() throws Exception {
        start(Guard.denyAddresses(AddressSet.of("192.0.2.0/24", "2001:db8::/32")));
        enters(GET);
        enters(get("/", from("198.51.100.1")));
        enters(get("/", from("192.0.2.7, 198.51.100.1")));
        isRefused(get("/", from("192.0.2.7")), 403);
        isRefused(get("/", from("198.51.100.1, 192.0.2.7")), 403);
        isRefused(get("/", from("198.51.100.1"), from("192.0.2.7")), 403);
        isRefused(get("/", from("192.0.2.7, 127.0.0.5")), 403);
        isRefused(get("/", from("[2001:db8::1]:4711")), 403);
        isRefused(get("/", from("::ffff:192.0.2.7")), 403);
        isRefused(upgrade("/ws", from("192.0.2.7")), 403);
    }

    @Test
    void onlyAllowedAddressesEnter() throws Exception {
        start(Guard.allowAddresses(AddressSet.of("192.0.2.0/24")));
        enters(get("/", from("192.0.2.7")));
        isRefused(GET, 403);
        isRefused(get("/", from("192.0.2.7, 198.51.100.1")), 403);
        isRefused(get("/", from("unknown")), 403);
    }

    // ---- methods, paths and sizes

    @Test
    void onlyAllowedMethodsEnter() throws Exception {
        start(Guard.methods(Set.of("GET", "POST")));
        enters(GET);
        enters(post("/", "hello"));
        isRefused(request("DELETE", "/"), 405);
        isRefused(request("get", "/"), 405);
    }

    @ParameterizedTest
    @CsvSource({
        "/admin, 403",
        "/admin/users?x=1, 403",
        "/%61dmin/users, 403",
        "http://chat.test/admin, 403",
        "HTTP://other.test/admin/, 403",
        "/v1/../admin, 400",
        "/v1/%2e%2e/admin, 400",
        "/v1/..%2fadmin, 400",
        "//admin, 400",
        "/./admin, 400",
        "/v1/..;/admin, 400",
        "/admin%00, 400"
    })
    void deniedPathIsDeniedHoweverItIsWritten(String target, int status) {
        start(Guard.denyPaths("/admin"));
        isRefused(get(target), status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/administration", "/v1/admin", "/v1?path=/admin", "http://chat.test/v1", "http://admin"})
    void otherPathsEnter(String target) throws Exception {
        start(Guard.denyPaths("/admin"));
        enters(get(target));
    }

    @Test
    void longHeadersAreRefusedHoweverManyTheyAre() throws Exception {
        start(Guard.maxHeaders(1_000));
        enters(get("/", "X: " + "x".repeat(900)));
        isRefused(get("/", "X: " + "x".repeat(1_000)), 431);
        isRefused(get("/", "X: 12345678\r\n".repeat(120) + "Y: 1"), 431);
    }

    @Test
    void longTargetsAndBodiesAreRefused() throws Exception {
        start(Guard.maxTarget(100), Guard.maxBody(10));
        enters(get("/" + "x".repeat(99)));
        isRefused(get("/" + "x".repeat(100)), 414);
        isRefused(get("/?" + "x".repeat(99)), 414);
        assertThat(enters(post("/", "0123456789"))).endsWith("0123456789");
        isRefused(post("/", "01234567890"), 413);
        isRefused(request("POST", "/", "Content-Length: 99999999999999999"), 413);
    }
}
