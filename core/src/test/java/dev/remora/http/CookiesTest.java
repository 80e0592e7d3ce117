package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CookiesTest {

    @Test
    void aCookieIsFoundByItsExactName() {
        List<String> headers = List.of("xremora=1;remora2=2 ; remora = 3 ", "remora=4");
        assertThat(Cookies.find(headers, "remora")).contains("3");
        assertThat(Cookies.find(headers, "xremora")).contains("1");
        assertThat(Cookies.find(headers, "emora")).isEmpty();
    }

    @Test
    void brokenHeadersYieldNothing() {
        for (String broken : List.of("", ";", ";;;", "=", "remora", "a=b; remora", "  ", "=;=")) {
            assertThat(Cookies.find(List.of(broken), "remora")).isEmpty();
        }
        assertThat(Cookies.find(List.of(), "remora")).isEmpty();
    }

    @Test
    void strippingLeavesTheOthersAsTheyWere() {
        assertThat(Cookies.without("a=1; remora=x; b=\"2\"", "remora")).contains("a=1; b=\"2\"");
        assertThat(Cookies.without("remora=x; remora=y", "remora")).isEmpty();
        assertThat(Cookies.without("a=1", "remora")).contains("a=1");
    }

    @Test
    void theHeaderGoesWithItsLastCookie() {
        FakeHeaders headers = new FakeHeaders().with("Cookie", "remora=x");
        HeaderEdits.stripCookie("remora").applyTo(headers);
        assertThat(headers.names()).isEmpty();
    }

    @Test
    void aHeaderWithoutTheCookieIsNotTouched() {
        FakeHeaders headers = new FakeHeaders().with("Cookie", "a=1;b=2");
        HeaderEdits.stripCookie("remora").applyTo(headers);
        assertThat(headers.values("cookie")).containsExactly("a=1;b=2");
    }

    @Test
    void ofManyCookiesOfOneNameFewAreRead() {
        int[] asked = new int[1];
        Optional<String> read = Cookies.find(List.of("a=0; ".repeat(1_000), "a=1"), "a", (header, from, to) -> {
            asked[0]++;
            return Optional.empty();
        });
        assertThat(read).isEmpty();
        assertThat(asked[0]).isEqualTo(16);
        assertThat(Cookies.find(
                        List.of("a=0; b=9; a=1", "a=2"),
                        "a",
                        (header, from, to) ->
                                header.charAt(from) == '2' ? Optional.of("second header") : Optional.empty()))
                .contains("second header");
    }
}
