package dev.remora.examples.replay;

import java.net.HttpCookie;
import java.net.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the client of one conversation remembers from turn to turn: its cookies, and who answered last. Thread-safe. */
final class Conversation {

    private static final int MAX_COOKIES = 20;

    private final Map<String, String> cookies = new LinkedHashMap<>();
    private Optional<String> lastBackend = Optional.empty();

    /** The value of the Cookie header, if there is one to send. */
    synchronized Optional<String> cookieHeader() {
        return cookies.isEmpty()
                ? Optional.empty()
                : Optional.of(cookies.entrySet().stream()
                        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                        .collect(Collectors.joining("; ")));
    }

    /** Keeps the cookies of a response. */
    synchronized void keepCookies(HttpHeaders headers) {
        for (String header : headers.allValues("Set-Cookie")) {
            for (HttpCookie cookie : parse(header)) {
                if (cookie.getMaxAge() == 0) {
                    cookies.remove(cookie.getName());
                } else if (cookies.size() < MAX_COOKIES || cookies.containsKey(cookie.getName())) {
                    cookies.put(cookie.getName(), cookie.getValue());
                }
            }
        }
    }

    /** Who answered the latest turn that has an answer. */
    synchronized Optional<String> lastBackend() {
        return lastBackend;
    }

    synchronized void answeredBy(String backend) {
        lastBackend = Optional.of(backend);
    }

    private static Iterable<HttpCookie> parse(String header) {
        try {
            return HttpCookie.parse(header);
        } catch (IllegalArgumentException e) {
            // A cookie that breaks the rules is ignored, as a browser does.
            return List.of();
        }
    }
}
