package dev.remora.servlet;

import dev.remora.exchange.ResponseView;
import dev.remora.http.Headers;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Set;

/** The head of a response that is about to commit: as the balancer reads it, and as it is edited. */
record ServletHead(HttpServletResponse response, int status) implements ResponseView, Headers {

    private static final String CONTENT_TYPE = "content-type";

    @Override
    public Set<String> names() {
        return Set.copyOf(response.getHeaderNames());
    }

    // Containers keep the content type apart from the headers until the commit.
    @Override
    public List<String> values(String name) {
        String type = name.equalsIgnoreCase(CONTENT_TYPE) ? response.getContentType() : null;
        return type == null ? List.copyOf(response.getHeaders(name)) : List.of(type);
    }

    @Override
    public List<String> headers(String name) {
        return values(name);
    }

    @Override
    public void add(String name, String value) {
        response.addHeader(name, value);
    }

    @Override
    public void set(String name, String value) {
        response.setHeader(name, value);
    }

    // Servlet 6.0 cannot remove a header; containers that can do it this way.
    @Override
    public void remove(String name) {
        response.setHeader(name, null);
        if (response.containsHeader(name)) {
            throw new UnsupportedOperationException(
                    "header: " + name + " (expected: a container that can remove response headers)");
        }
    }
}
