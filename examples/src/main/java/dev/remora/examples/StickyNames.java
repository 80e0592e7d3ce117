package dev.remora.examples;

import dev.remora.affinity.AffinityRule;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What ties a client, as {@code --sticky} lists it: the cookie first, then keys of the request, of which the first that a
 * request has counts. Immutable.
 */
record StickyNames(List<String> names) {

    static final String COOKIE = "cookie";
    private static final String NONE = "none";
    private static final String ADDRESS = "ip";
    private static final String MCP = "mcp";
    private static final String HEADER = "header=";

    StickyNames {
        names = List.copyOf(names);
    }

    /** @throws IllegalArgumentException when a name is unknown, or would change nothing */
    static StickyNames of(String text) {
        var sticky = new StickyNames(List.of(text.split(",", -1)));
        if (!sticky.names.equals(List.of(NONE)) && !sticky.names.stream().allMatch(StickyNames::isKnown)) {
            throw wrong(text, "none, or some of cookie, header=NAME, mcp and ip with commas between them");
        }
        if (new HashSet<>(sticky.names).size() < sticky.names.size()) {
            throw wrong(text, "each once");
        }
        if (sticky.names.indexOf(COOKIE) > 0) {
            throw wrong(text, "cookie first, because it counts before every key");
        }
        int address = sticky.names.indexOf(ADDRESS);
        if (address >= 0 && address < sticky.names.size() - 1) {
            throw wrong(text, "ip last, because every request has one");
        }
        return sticky;
    }

    private static boolean isKnown(String name) {
        return name.equals(COOKIE) || name.equals(ADDRESS) || name.equals(MCP) || name.startsWith(HEADER);
    }

    private static IllegalArgumentException wrong(String text, String expected) {
        return new IllegalArgumentException("sticky: " + text + " (expected: " + expected + ")");
    }

    boolean cookie() {
        return names.contains(COOKIE);
    }

    /** Whether requests have keys: then a session map, or a hash strategy, can tell them apart. */
    boolean keyed() {
        return names.stream().anyMatch(StickyNames::isKey);
    }

    /** Whether back ends make the key, so that a hash of it would not find the one that did. */
    boolean issued() {
        return names.contains(MCP);
    }

    /** The first header that is named and that clients make up. */
    Optional<String> header() {
        return names.stream()
                .filter(name -> name.startsWith(HEADER))
                .map(name -> name.substring(HEADER.length()))
                .findFirst();
    }

    /** The rule for the keys; without any it is the client's address. */
    AffinityRule rule() {
        return keyed()
                ? AffinityRule.firstOf(names.stream()
                        .filter(StickyNames::isKey)
                        .map(StickyNames::rule)
                        .toArray(AffinityRule[]::new))
                : AffinityRule.clientAddress();
    }

    private static boolean isKey(String name) {
        return !name.equals(COOKIE) && !name.equals(NONE);
    }

    private static AffinityRule rule(String name) {
        return switch (name) {
            case ADDRESS -> AffinityRule.clientAddress();
            case MCP -> AffinityRule.issuedHeader("Mcp-Session-Id");
            default -> AffinityRule.header(name.substring(HEADER.length()));
        };
    }

    @Override
    public String toString() {
        return String.join(",", names);
    }
}
