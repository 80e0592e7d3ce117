package dev.remora.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FakeResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheControlTest {

    private static boolean shared(int status, String... headers) {
        FakeResponse response = new FakeResponse(status);
        for (int i = 0; i < headers.length; i += 2) {
            response = response.with(headers[i], headers[i + 1]);
        }
        return CacheControl.allowsSharedCaches(response);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501})
    void someAnswersMayBeKeptThoughNothingSaysSo(int status) {
        assertThat(shared(status)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 101, 103, 201, 302, 303, 307, 400, 401, 403, 429, 500, 502, 503})
    void othersMayNot(int status) {
        assertThat(shared(status)).isFalse();
        assertThat(shared(status, "Cache-Control", "max-age=60"))
                .as("unless it is said")
                .isEqualTo(status >= 200);
        assertThat(shared(status, "Expires", "Thu, 01 Jan 2099 00:00:00 GMT")).isEqualTo(status >= 200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-store",
                "private",
                "Private",
                "max-age=60, private",
                "public, no-store",
                " , ,no-store , ",
                "x=\"a,b\", private"
            })
    void whatNoSharedCacheMayKeep(String directives) {
        assertThat(shared(200, "Cache-Control", directives)).isFalse();
        assertThat(shared(200, "Cache-Control", "max-age=1", "Cache-Control", directives))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-cache", "private=\"set-cookie\"", "x=\"private\"", "x=\"a, private\"", "max-age=0"})
    void whatItMay(String directives) {
        assertThat(shared(200, "Cache-Control", directives)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=60 | private, max-age=60",
                "public, max-age=60 | private, max-age=60",
                "Public,S-MaxAge=9, no-cache | private, no-cache",
                "x=\"a, public\" | private, x=\"a, public\"",
                "private=\"x\", must-revalidate | private, private=\"x\", must-revalidate",
                "x=\"a\\\", public\", public | private, x=\"a\\\", public\""
            })
    void onlyWhoMayKeepItIsChanged(String before, String after) {
        FakeHeaders headers = new FakeHeaders().with("cache-control", before).with("etag", "\"1\"");
        CacheControl.forThisClientOnly().applyTo(headers);
        assertThat(headers.values("cache-control")).containsExactly(after);
        assertThat(headers.values("etag")).containsExactly("\"1\"");
    }
}
