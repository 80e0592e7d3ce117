package dev.remora.benchmarks;

import dev.remora.exchange.RequestView;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * A chat request whose headers are found by one or two comparisons: a floor under what any platform's own headers cost.
 *
 * @param cookies the values of {@code Cookie}
 * @param sessions the values of {@value #SESSION_HEADER}
 * @param remoteAddress the client
 */
record SampleRequest(List<String> cookies, List<String> sessions, InetSocketAddress remoteAddress)
        implements RequestView {

    static final String SESSION_HEADER = "x-session-id";

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public String target() {
        return "/v1/chat/completions";
    }

    @Override
    public List<String> headers(String name) {
        if (name.equalsIgnoreCase("cookie")) {
            return cookies;
        }
        return name.equalsIgnoreCase(SESSION_HEADER) ? sessions : List.of();
    }

    @Override
    public long headersLength() {
        return Stream.concat(cookies.stream(), sessions.stream())
                .mapToLong(String::length)
                .sum();
    }

    @Override
    public boolean secure() {
        return false;
    }
}
