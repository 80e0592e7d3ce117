package dev.remora.servlet;

import dev.remora.exchange.RequestView;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A servlet request as the balancer reads it.
 *
 * <p>The remote address is the container's. One that is no literal, as of a Unix socket or of a proxy that hides its
 * peer, counts as {@code 0.0.0.0}; a name server is never asked.
 */
record ServletRequestView(HttpServletRequest request) implements RequestView {

    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    // The JDK takes whatever begins so and has a colon for a literal, and asks nobody.
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");
    private static final int MAX_PORT = 65_535;

    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String target() {
        String query = request.getQueryString();
        return query == null ? request.getRequestURI() : request.getRequestURI() + '?' + query;
    }

    @Override
    public List<String> headers(String name) {
        Enumeration<String> values = request.getHeaders(name);
        return values == null ? List.of() : Collections.list(values);
    }

    @Override
    public long headersLength() {
        long length = 0;
        Enumeration<String> names = request.getHeaderNames();
        while (names != null && names.hasMoreElements()) {
            String name = names.nextElement();
            for (String value : headers(name)) {
                length += name.length() + value.length();
            }
        }
        return length;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        int port = request.getRemotePort();
        return new InetSocketAddress(address(request.getRemoteAddr()), port < 0 || port > MAX_PORT ? 0 : port);
    }

    @Override
    public boolean secure() {
        return request.isSecure();
    }

    private static InetAddress address(@Nullable String text) {
        try {
            String literal = text == null ? "" : bare(text);
            boolean known =
                    IPV4.matcher(literal).matches() || IPV6.matcher(literal).matches();
            return known ? InetAddress.getByName(literal) : unknown();
        } catch (UnknownHostException e) {
            return unknown();
        }
    }

    // Some containers put brackets around IPv6 addresses, and the JDK adds the zone of link-local ones.
    private static String bare(String address) {
        boolean bracketed = address.startsWith("[") && address.endsWith("]");
        String inner = bracketed ? address.substring(1, address.length() - 1) : address;
        int zone = inner.indexOf('%');
        return zone < 0 ? inner : inner.substring(0, zone);
    }

    private static InetAddress unknown() {
        try {
            return InetAddress.getByAddress(new byte[4]);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address on every Java platform", e);
        }
    }
}
