package dev.remora.http;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Changes to the head of a message that the balancer asks an adapter to make. Immutable and thread-safe. */
@FunctionalInterface
public interface HeaderEdits {

    /** Makes the changes. */
    void applyTo(Headers headers);

    /** No change. */
    static HeaderEdits none() {
        return headers -> {};
    }

    /** One more value of a header. */
    static HeaderEdits add(String name, String value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        return headers -> headers.add(name, value);
    }

    /** No value of a header any more. */
    static HeaderEdits remove(String name) {
        Objects.requireNonNull(name, "name");
        return headers -> headers.remove(name);
    }

    /** Several changes, one after the other. */
    static HeaderEdits all(HeaderEdits... edits) {
        List<HeaderEdits> copy = List.of(edits);
        return headers -> copy.forEach(edit -> edit.applyTo(headers));
    }

    /**
     * The response sets a cookie, and no other one of its name.
     *
     * @param setCookie the value of a {@code Set-Cookie} header
     */
    static HeaderEdits setCookie(String name, String setCookie) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(setCookie, "setCookie");
        return headers -> {
            List<String> before = headers.values("set-cookie");
            if (before.stream().noneMatch(value -> Cookies.sets(value, name))) {
                headers.add("set-cookie", setCookie);
                return;
            }
            headers.set("set-cookie", setCookie);
            before.stream()
                    .filter(value -> !Cookies.sets(value, name))
                    .forEach(value -> headers.add("set-cookie", value));
        };
    }

    /** Another value for the cookies of a name in the request. */
    static HeaderEdits mapCookie(String name, UnaryOperator<String> change) {
        Objects.requireNonNull(name, "name");
        return headers -> {
            List<String> before = headers.values("cookie");
            List<String> after = before.stream()
                    .map(value -> Cookies.mapped(value, name, change))
                    .toList();
            if (!after.equals(before)) {
                headers.remove("cookie");
                after.forEach(value -> headers.add("cookie", value));
            }
        };
    }

    /** One cookie less in the request; the {@code Cookie} header goes when nothing is left in it. */
    static HeaderEdits stripCookie(String name) {
        Objects.requireNonNull(name, "name");
        return headers -> {
            List<String> before = headers.values("cookie");
            if (Cookies.find(before, name).isEmpty()) {
                return;
            }
            headers.remove("cookie");
            before.stream()
                    .map(value -> Cookies.without(value, name))
                    .flatMap(Optional::stream)
                    .forEach(value -> headers.add("cookie", value));
        };
    }
}
