package dev.remora.servlet;

import dev.remora.exchange.RequestView;
import dev.remora.http.Characters;
import dev.remora.http.ProxyHeaders;
import dev.remora.http.Rejection;
import dev.remora.http.RequestRules;
import dev.remora.http.RequestTarget;
import dev.remora.http.TrustedProxies;
import dev.remora.http.Upgrades;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The head of a request that is to be relayed, copied: containers take theirs back at the end of a request, and another
 * attempt may need it.
 *
 * @param target in origin form
 * @param headers as they came; not to be changed
 * @param trustedPeer whether the other end is a proxy whose forwarding headers are believed
 * @param bodyBytes the length of the body; {@link #UNKNOWN_LENGTH} when one follows whose end shows only later
 */
record ProxiedRequest(
        String method,
        String target,
        HeaderList headers,
        InetSocketAddress remoteAddress,
        boolean secure,
        boolean trustedPeer,
        boolean http10,
        boolean http11,
        long bodyBytes)
        implements RequestView {

    static final long UNKNOWN_LENGTH = -1;

    private static final String NEVER_IN_URI = "\\^`{|}";

    /**
     * Copies and judges a request.
     *
     * @throws dev.remora.http.Rejection if it breaks a rule
     */
    static ProxiedRequest of(HttpServletRequest request, TrustedProxies proxies, long maxBodyBytes) {
        ServletRequestView view = new ServletRequestView(request);
        HeaderList headers = headers(request);
        boolean http10 = request.getProtocol().equals("HTTP/1.0");
        boolean http11 = request.getProtocol().equals("HTTP/1.1");
        RequestRules.check(request.getMethod(), headers, http10, http11, maxBodyBytes);
        RequestTarget target = RequestTarget.of(request.getMethod(), view.target());
        target.authority().ifPresent(host -> headers.set("host", host));
        if (headers.values("host").isEmpty() && !http10) {
            // HTTP/2 has :authority instead, which not every container tells as a header.
            headers.set("host", authority(request));
        }
        InetSocketAddress remote = view.remoteAddress();
        return new ProxiedRequest(
                request.getMethod(),
                sendable(target.origin()),
                headers,
                remote,
                request.isSecure(),
                proxies.contains(remote.getAddress()),
                http10,
                http11,
                bodyBytes(request, headers, http10 || http11));
    }

    private static HeaderList headers(HttpServletRequest request) {
        HeaderList headers = new HeaderList();
        for (String name : Collections.list(request.getHeaderNames())) {
            Collections.list(request.getHeaders(name)).forEach(value -> {
                checkHeader(name, value);
                headers.add(name, value);
            });
        }
        return headers;
    }

    // Not every container looks at what comes over HTTP/2.
    private static void checkHeader(String name, String value) {
        boolean valid = !name.isEmpty()
                && name.chars().allMatch(Characters::isToken)
                && value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= 0xff && c != 0x7f));
        if (!valid) {
            throw Rejection.badRequest("A header must be a token and text.");
        }
    }

    private static String authority(HttpServletRequest request) {
        int standard = request.isSecure() ? 443 : 80;
        return request.getServerPort() == standard
                ? request.getServerName()
                : request.getServerName() + ':' + request.getServerPort();
    }

    // In HTTP/1 a body is announced; in HTTP/2 some containers know at once whether one follows.
    private static long bodyBytes(HttpServletRequest request, HeaderList headers, boolean announced) {
        if (!headers.values("transfer-encoding").isEmpty()) {
            return UNKNOWN_LENGTH;
        }
        long length = request.getContentLengthLong();
        if (length >= 0) {
            return length;
        }
        return announced || isFinished(request) ? 0 : UNKNOWN_LENGTH;
    }

    private static boolean isFinished(HttpServletRequest request) {
        try {
            return request.getInputStream().isFinished();
        } catch (IOException e) {
            throw Rejection.badRequest("The body cannot be read.");
        }
    }

    // The JDK's client takes a URI, and so no "*", nor some characters that browsers leave as they are.
    private static String sendable(String target) {
        if (target.equals("*")) {
            throw Rejection.of(501, "Not implemented", "This gateway does not relay OPTIONS *.");
        }
        StringBuilder encoded = new StringBuilder(target.length());
        boolean inPath = true;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            inPath &= c != '?';
            if (NEVER_IN_URI.indexOf(c) >= 0 || (inPath && (c == '[' || c == ']'))) {
                encoded.append(String.format("%%%02X", (int) c));
            } else {
                encoded.append(c);
            }
        }
        try {
            URI unused = new URI("http://host" + encoded);
            return encoded.toString();
        } catch (URISyntaxException e) {
            throw Rejection.badRequest("The target has a character that must be percent-encoded.");
        }
    }

    @Override
    public long headersLength() {
        return headers.characters();
    }

    @Override
    public List<String> headers(String name) {
        return headers.values(name);
    }

    boolean hasBody() {
        return bodyBytes != 0;
    }

    /** Whether only reading can tell if there is a body at all. */
    boolean isBodyUncertain() {
        return bodyBytes == UNKNOWN_LENGTH && !http10 && !http11;
    }

    /** The same, when it has turned out to have no body. */
    ProxiedRequest withoutBody() {
        return new ProxiedRequest(method, target, headers, remoteAddress, secure, trustedPeer, http10, http11, 0);
    }

    /**
     * The same, fit for the JDK's client, which makes a question mark of all that is not ASCII. Cookies with such characters
     * are left out: scripts of a page can set them, and who has one could ask for nothing any more.
     *
     * @throws dev.remora.http.Rejection if another header has them
     */
    ProxiedRequest inAscii() {
        if (headers.isAscii()) {
            return this;
        }
        HeaderList fit = new HeaderList();
        headers.forEach((name, value) -> {
            String kept = HeaderList.isAscii(value) || !name.equalsIgnoreCase("cookie") ? value : asciiCookies(value);
            if (!HeaderList.isAscii(kept)) {
                throw Rejection.badRequest("A header has a character that is not ASCII.");
            }
            if (!kept.isEmpty() || value.isEmpty()) {
                fit.add(name, kept);
            }
        });
        return new ProxiedRequest(method, target, fit, remoteAddress, secure, trustedPeer, http10, http11, bodyBytes);
    }

    private static String asciiCookies(String header) {
        return Arrays.stream(header.split(";"))
                .map(String::strip)
                .filter(cookie -> !cookie.isEmpty() && HeaderList.isAscii(cookie))
                .collect(Collectors.joining("; "));
    }

    /** Whether it may be done twice, by its method. */
    boolean isIdempotent() {
        return RequestRules.isIdempotent(method);
    }

    /** Whether the client's connection ends with the answer. */
    boolean asksToClose() {
        return http11 && ProxyHeaders.mentions(headers.values("connection"), "close");
    }

    boolean isUpgrade() {
        return http11 && Upgrades.isAskedFor(headers, hasBody());
    }

    /** The headers for the next hop, those that frame the body and name the host excepted. */
    HeaderList forNextHop() {
        HeaderList prepared = headers.copy();
        ProxyHeaders.prepareRequest(prepared, remoteAddress.getAddress(), trustedPeer, secure);
        return prepared;
    }
}
