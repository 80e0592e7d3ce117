package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class ServletRequestViewTest {

    /** A request whose getters answer by their names. */
    private static ServletRequestView view(Map<String, Object> answers) {
        return new ServletRequestView((HttpServletRequest) Proxy.newProxyInstance(
                ServletRequestViewTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, args) -> answers.get(method.getName())));
    }

    private static ServletRequestView from(String address, int port) {
        Map<String, Object> answers = new HashMap<>();
        answers.put("getRemoteAddr", address);
        answers.put("getRemotePort", port);
        return view(answers);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7",
        "2001:db8::1, 2001:db8:0:0:0:0:0:1",
        "[2001:db8::1], 2001:db8:0:0:0:0:0:1",
        "fe80:0:0:0:0:0:0:1%eth0, fe80:0:0:0:0:0:0:1",
        "::ffff:192.0.2.7, 192.0.2.7"
    })
    void literalsAreTakenInEveryForm(String text, String address) {
        assertThat(from(text, 4711).remoteAddress().getAddress().getHostAddress())
                .isEqualTo(address);
        assertThat(from(text, 4711).remoteAddress().getPort()).isEqualTo(4711);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {"localhost", "unknown", "_hidden", "999.1.1.1", "1.2.3", "::g", ":::", "beef", "/run/app.socket"
            })
    void whatIsNoLiteralIsUnknownAndNeverLookedUp(String text) {
        assertThat(from(text, -1).remoteAddress().isUnresolved()).isFalse();
        assertThat(from(text, -1).remoteAddress().getAddress().getHostAddress()).isEqualTo("0.0.0.0");
        assertThat(from(text, -1).remoteAddress().getPort()).isZero();
    }

    @Test
    void theTargetIsPathAndQueryAsSent() {
        assertThat(view(Map.of("getRequestURI", "/a%20b", "getQueryString", "x=%2F&y"))
                        .target())
                .isEqualTo("/a%20b?x=%2F&y");
        assertThat(view(Map.of("getRequestURI", "/a")).target()).isEqualTo("/a");
    }

    @Test
    void aContainerThatHidesHeadersHasNone() {
        assertThat(view(Map.of()).headers("authorization")).isEmpty();
    }
}
