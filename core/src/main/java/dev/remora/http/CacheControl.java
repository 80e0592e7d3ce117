package dev.remora.http;

import dev.remora.exchange.ResponseView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Keeps answers that are meant for one client out of caches that are shared (RFC 9111). Stateless. */
public final class CacheControl {

    // RFC 9110, section 15.1: those that a cache may keep though nothing says for how long.
    private static final Set<Integer> HEURISTICALLY_CACHEABLE =
            Set.of(200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501);

    private CacheControl() {}

    /** Whether a shared cache could keep the response to a {@code GET} or {@code HEAD}. */
    public static boolean allowsSharedCaches(ResponseView response) {
        if (response.status() < 200) {
            return false;
        }
        boolean lasts = !response.headers("expires").isEmpty();
        for (String directive : directives(response.headers("cache-control"))) {
            switch (nameOf(directive)) {
                case "no-store" -> {
                    return false;
                }
                case "private" -> {
                    // With field names it speaks of these fields only.
                    if (directive.indexOf('=') < 0) {
                        return false;
                    }
                }
                case "public", "s-maxage", "max-age" -> lasts = true;
                default -> {
                    // says nothing about who may keep it
                }
            }
        }
        return lasts || HEURISTICALLY_CACHEABLE.contains(response.status());
    }

    /** Lets only the client itself keep the response; how long and how else stays as it was. */
    public static HeaderEdits forThisClientOnly() {
        return headers -> {
            List<String> kept = new ArrayList<>(List.of("private"));
            for (String directive : directives(headers.values("cache-control"))) {
                String name = nameOf(directive);
                if (!name.equals("public") && !name.equals("s-maxage")) {
                    kept.add(directive);
                }
            }
            headers.set("cache-control", String.join(", ", kept));
        };
    }

    private static String nameOf(String directive) {
        int equals = directive.indexOf('=');
        return (equals < 0 ? directive : directive.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
    }

    // Commas in quotes separate nothing.
    private static List<String> directives(List<String> fields) {
        List<String> all = new ArrayList<>();
        for (String field : fields) {
            int start = 0;
            while (start < field.length()) {
                int end = endOfDirective(field, start);
                String directive = field.substring(start, end).strip();
                if (!directive.isEmpty()) {
                    all.add(directive);
                }
                start = end + 1;
            }
        }
        return all;
    }

    private static int endOfDirective(String field, int start) {
        boolean quoted = false;
        for (int i = start; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                return i;
            }
        }
        return field.length();
    }
}
