package dev.remora.examples.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** The files of the demo's page, read once from the jar. */
final class PageFiles {

    /** The page loads nothing from elsewhere and is shown in nobody's frame. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String JAVASCRIPT = "text/javascript; charset=utf-8";

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", CONTENT_SECURITY_POLICY,
            "Cache-Control", "no-cache",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer");

    private static final Map<String, Page> FILES = Map.of(
            "/", load("index.html", "text/html; charset=utf-8"),
            "/demo/chat.css", load("chat.css", "text/css; charset=utf-8"),
            "/demo/chat.js", load("chat.js", JAVASCRIPT),
            "/demo/panel.js", load("panel.js", JAVASCRIPT),
            "/demo/stream.js", load("stream.js", JAVASCRIPT),
            "/demo/icon.svg", load("icon.svg", "image/svg+xml"));

    private PageFiles() {}

    static Optional<Page> find(String path) {
        return Optional.ofNullable(FILES.get(path));
    }

    private static Page load(String name, String type) {
        try (InputStream file = PageFiles.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return new Page(200, type, new String(file.readAllBytes(), StandardCharsets.UTF_8), HEADERS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
