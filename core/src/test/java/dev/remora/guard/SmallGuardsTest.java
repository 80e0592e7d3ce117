package dev.remora.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.FakeRequest;
import dev.remora.http.AddressLiteral;
import dev.remora.http.FakeHeaders;
import dev.remora.http.TrustedProxies;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmallGuardsTest {

    private static Admission ask(Guard guard, FakeRequest request) {
        return guard.admit(
                request,
                Visitor.from(new ClientOrigin(AddressLiteral.parse("192.0.2.1").orElseThrow(), true), false));
    }

    /** The status of the refusal, or 200. */
    private static int status(Guard guard, FakeRequest request) {
        return ask(guard, request) instanceof Admission.Denied denied
                ? denied.problem().status()
                : 200;
    }

    private static int at(Guard guard, String target) {
        return status(guard, FakeRequest.get(target));
    }

    @Test
    void addressesOfASetEnterOrDoNot() {
        AddressSet inside = AddressSet.of("192.0.2.0/24");
        AddressSet outside = AddressSet.of("198.51.100.0/24");
        assertThat(at(Guard.allowAddresses(inside), "/")).isEqualTo(200);
        assertThat(at(Guard.allowAddresses(outside), "/")).isEqualTo(403);
        assertThat(at(Guard.denyAddresses(inside), "/")).isEqualTo(403);
        assertThat(at(Guard.denyAddresses(outside), "/")).isEqualTo(200);
    }

    @Test
    void theAddressIsThatBehindTrustedProxies() {
        FakeRequest request = FakeRequest.get("/").from("10.0.0.1").header("X-Forwarded-For", "198.51.100.7");
        Guard guard = Guard.denyAddresses(AddressSet.of("198.51.100.0/24"));
        ClientOrigin believed = TrustedProxies.of("10.0.0.1").origin(request);
        ClientOrigin peer = TrustedProxies.none().origin(request);
        assertThat(guard.admit(request, Visitor.from(believed, false))).isInstanceOf(Admission.Denied.class);
        assertThat(guard.admit(request, Visitor.from(peer, false))).isInstanceOf(Admission.Admitted.class);
    }

    @Test
    void otherMethodsAreToldWhichAreAllowed() {
        Guard guard = Guard.methods(Set.of("POST", "GET"));
        assertThat(status(guard, FakeRequest.of("POST", "/"))).isEqualTo(200);
        Admission.Denied denied = (Admission.Denied) ask(guard, FakeRequest.of("DELETE", "/"));
        FakeHeaders headers = new FakeHeaders();
        denied.headers().applyTo(headers);
        assertThat(denied.problem().status()).isEqualTo(405);
        assertThat(headers.values("allow")).containsExactly("GET, POST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "GET ", "", "GETGET"})
    void methodsAreComparedToTheLetter(String method) {
        assertThat(status(Guard.methods(Set.of("GET")), FakeRequest.of(method, "/")))
                .isEqualTo(405);
    }

    @ParameterizedTest
    @CsvSource({
        "/admin, 403",
        "/admin/, 403",
        "/admin/users, 403",
        "/admin?x=/public, 403",
        "/%61dmin, 403",
        "/%61%64%6D%69%6e/x, 403",
        "/administrator, 200",
        "/public/admin, 200",
        "/, 200",
        "/public?next=../admin//, 200",
        "/caf%C3%A9/a%20b, 200",
        "/a.b/..c/d.., 200"
    })
    void aDeniedPathIsDeniedWithAllBelowIt(String target, int status) {
        assertThat(at(Guard.denyPaths("/secret", "/admin"), target)).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//admin",
                "/public/../admin",
                "/public/..",
                "/./admin",
                "/.",
                "/%2e%2e/admin",
                "/public/.%2E/admin",
                "/public%2f..%2fadmin",
                "/%2fadmin",
                "/%2Fadmin",
                "/public//admin",
                "/admin;x",
                "/;/admin",
                "/public/..;/admin",
                "/admin%3Bx",
                "/admin%3Fx",
                "/admin%23x",
                "/admin#x",
                "/\\admin",
                "/public\\..\\admin",
                "/%5cadmin",
                "/%5Cadmin",
                "/%252e%252e/admin",
                "/%2561dmin",
                "/admin%00",
                "/admin%0a",
                "/ad\tmin",
                "/%c0%af",
                "/%c0%ae%c0%ae/admin",
                "/%ff",
                "/%",
                "/%6",
                "/%6g",
                "/%u0061dmin",
                "admin",
                "",
                "*",
                "?/admin",
                "http://host/admin",
                "host:443"
            })
    void aPathThatServersReadDifferentlyIsRefused(String target) {
        assertThat(at(Guard.denyPaths("/admin"), target)).isEqualTo(400);
        assertThat(at(Guard.allowPaths("/"), target)).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1, 200",
        "/v1/chat, 200",
        "/v1/, 200",
        "/%76%31/chat, 200",
        "/v1beta, 404",
        "/V1/chat, 404",
        "/, 404",
        "/other/v1, 404"
    })
    void onlyAllowedPathsEnter(String target, int status) {
        assertThat(at(Guard.allowPaths("/v1/"), target)).isEqualTo(status);
    }

    @Test
    void everythingIsBelowTheRoot() {
        assertThat(at(Guard.allowPaths("/"), "/any/thing")).isEqualTo(200);
        assertThat(at(Guard.denyPaths("/"), "/")).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "admin", "/a//b", "/../a", "/a;b", "/a%2fb", "/a?b"})
    void aRuleHasAPlainPath(String prefix) {
        assertThatThrownBy(() -> Guard.denyPaths(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("path: " + prefix + " (expected: ");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 200",
        "100, 200",
        "101, 413",
        "000000100, 200",
        "99999999999999999999999999, 413",
        "-1, 400",
        "+1, 400",
        "1e3, 400",
        "'1, 1', 400",
        "'', 400",
        "\u0661, 400"
    })
    void aBodyMayNotSayThatItIsLonger(String length, int status) {
        assertThat(status(Guard.maxBody(100), FakeRequest.of("POST", "/").header("Content-Length", length)))
                .isEqualTo(status);
    }

    @Test
    void theLongestOfSeveralLengthsCounts() {
        FakeRequest request =
                FakeRequest.of("POST", "/").header("Content-Length", "1").header("Content-Length", "101");
        assertThat(status(Guard.maxBody(100), request)).isEqualTo(413);
    }

    @Test
    void aBodyThatDoesNotSayItsLengthPasses() {
        assertThat(at(Guard.maxBody(0), "/")).isEqualTo(200);
    }

    @Test
    void aTargetHasItsLength() {
        assertThat(at(Guard.maxTarget(5), "/?a=b")).isEqualTo(200);
        assertThat(at(Guard.maxTarget(5), "/?a=bc")).isEqualTo(414);
    }

    @Test
    void headersHaveTheirLength() {
        FakeRequest request = FakeRequest.get("/").header("a", "12").header("A", "3");
        assertThat(status(Guard.maxHeaders(5), request)).isEqualTo(200);
        assertThat(status(Guard.maxHeaders(4), request)).isEqualTo(431);
    }

    @Test
    void limitsHaveAnEnd() {
        assertThatThrownBy(() -> Guard.maxHeaders(0)).hasMessage("maxHeaders: 0 (expected: >= 1)");
        assertThatThrownBy(() -> Guard.maxBody(-1)).hasMessage("maxBody: -1 (expected: >= 0)");
        assertThatThrownBy(() -> Guard.maxTarget(0)).hasMessage("maxTarget: 0 (expected: >= 1)");
        assertThatThrownBy(() -> Guard.methods(Set.of())).hasMessage("methods: none (expected: at least one)");
        assertThatThrownBy(Guard::allowPaths).hasMessage("paths: none (expected: at least one)");
    }
}
