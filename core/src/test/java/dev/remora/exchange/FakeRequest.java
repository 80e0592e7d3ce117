package dev.remora.exchange;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A request as a test describes it. */
public final class FakeRequest implements RequestView {

    private final String method;
    private final String target;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private InetSocketAddress remote = new InetSocketAddress("192.0.2.1", 4711);
    private boolean secure;

    private FakeRequest(String method, String target) {
        this.method = method;
        this.target = target;
    }

    public static FakeRequest get(String target) {
        return of("GET", target);
    }

    public static FakeRequest of(String method, String target) {
        return new FakeRequest(method, target);
    }

    public FakeRequest header(String name, String value) {
        headers.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
        return this;
    }

    public FakeRequest from(String address) {
        remote = new InetSocketAddress(address, 4711);
        return this;
    }

    public FakeRequest secured() {
        secure = true;
        return this;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public List<String> headers(String name) {
        return headers.getOrDefault(name, List.of());
    }

    @Override
    public long headersLength() {
        return headers.entrySet().stream()
                .flatMap(header -> header.getValue().stream().map(value -> header.getKey() + value))
                .mapToLong(String::length)
                .sum();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public boolean secure() {
        return secure;
    }
}
