package dev.remora.servlet;

import dev.remora.exchange.ResponseView;
import dev.remora.exchange.StreamKind;
import dev.remora.http.HeaderEdits;
import dev.remora.http.ProxyHeaders;
import dev.remora.http.ResponseRules;
import jakarta.servlet.http.HttpServletResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The final head of a back end's answer, copied. */
final class AnswerHead implements ResponseView {

    // Whoever set one of these before adds to what the back end says.
    private static final Set<String> ADDED = Set.of("set-cookie", "vary");

    private static final int LARGE_CHARACTERS = 4 * 1024;

    private final int status;
    private final HeaderList headers = new HeaderList();

    AnswerHead(int status) {
        this.status = status;
    }

    static AnswerHead of(ResponseInfo info) {
        AnswerHead head = new AnswerHead(info.statusCode());
        info.headers().map().forEach((name, values) -> {
            // The client tells :status of HTTP/2 as if it were a header.
            if (!name.startsWith(":")) {
                values.forEach(value -> head.headers.add(name, value));
            }
        });
        return head;
    }

    HeaderList headers() {
        return headers;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public List<String> headers(String name) {
        return headers.values(name);
    }

    boolean isValid() {
        return status >= 200 && ResponseRules.areObeyed(status, true, headers);
    }

    /** Whether the client is told of the end of the body by the framing, and no length was promised. */
    boolean isOpen(ProxiedRequest request) {
        return !request.http10()
                && headers.values("content-length").isEmpty()
                && !ResponseRules.isBodiless(status, request.method());
    }

    /** Whether it is so large that a container may not take it. Small ones may leave together with their bodies. */
    boolean isLarge() {
        return headers.characters() > LARGE_CHARACTERS;
    }

    /** Puts the head on a response that is not committed, made fit for the client. */
    void applyTo(HttpServletResponse response, HeaderEdits edits) {
        HeaderList relayed = headers.copy();
        ProxyHeaders.prepareResponse(relayed);
        // How the body is framed is the container's knowledge, and trailers are not told by the JDK's client.
        relayed.remove("transfer-encoding");
        relayed.remove("trailer");
        if (status < 200 || status == HttpServletResponse.SC_NO_CONTENT) {
            // Containers wait for the bytes that it promises.
            relayed.remove("content-length");
        }
        edits.applyTo(relayed);
        if (kind() == StreamKind.EVENT_STREAM) {
            relayed.set("x-accel-buffering", "no");
        }
        response.setStatus(status);
        Set<String> seen = new HashSet<>(ADDED);
        relayed.forEach((name, value) -> {
            if (seen.add(name.toLowerCase(Locale.ROOT))) {
                response.setHeader(name, value);
            } else {
                response.addHeader(name, value);
            }
        });
    }
}
