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
    private String lastBackend = "";

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

    /**
     * Notes who answers.
     *
     * @return who answered before, if anybody did
     */
    synchronized Optional<String> answeredBy(String backend) {
        String before = lastBackend;
        lastBackend = backend;
        return before.isEmpty() ? Optional.empty() : Optional.of(before);
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
