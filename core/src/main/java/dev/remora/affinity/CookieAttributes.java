package dev.remora.affinity;

import dev.remora.affinity.StickyCookie.SameSite;
import dev.remora.affinity.StickyCookie.Secure;

/** The attributes of a cookie (RFC 6265bis, section 4.1), but for its age. */
record CookieAttributes(
        String path, String domain, Secure secure, boolean httpOnly, SameSite sameSite, boolean partitioned) {

    static final CookieAttributes DEFAULT = new CookieAttributes("/", "", Secure.AUTO, true, SameSite.LAX, false);

    CookieAttributes {
        if (!path.startsWith("/") || !isPlain(path)) {
            throw new IllegalArgumentException("cookie path: \"" + printable(path)
                    + "\" (expected: / and visible ASCII characters without a semicolon)");
        }
        if (!domain.isEmpty() && !isPlain(domain)) {
            throw new IllegalArgumentException("cookie domain: \"" + printable(domain)
                    + "\" (expected: visible ASCII characters without a semicolon)");
        }
    }

    CookieAttributes withPath(String newPath) {
        return new CookieAttributes(newPath, domain, secure, httpOnly, sameSite, partitioned);
    }

    CookieAttributes withDomain(String newDomain) {
        return new CookieAttributes(path, newDomain, secure, httpOnly, sameSite, partitioned);
    }

    CookieAttributes withSecure(Secure newSecure) {
        return new CookieAttributes(path, domain, newSecure, httpOnly, sameSite, partitioned);
    }

    CookieAttributes withHttpOnly(boolean newHttpOnly) {
        return new CookieAttributes(path, domain, secure, newHttpOnly, sameSite, partitioned);
    }

    CookieAttributes withSameSite(SameSite newSameSite) {
        return new CookieAttributes(path, domain, secure, httpOnly, newSameSite, partitioned);
    }

    CookieAttributes withPartitioned() {
        return new CookieAttributes(path, domain, secure, httpOnly, sameSite, true);
    }

    /** Refuses what browsers would silently throw away. */
    void check(String name) {
        boolean always = secure == Secure.ALWAYS;
        require(always || sameSite != SameSite.NONE, "same site: NONE", "secure(ALWAYS)");
        require(always || !partitioned, "partitioned", "secure(ALWAYS)");
        require(always || !hasPrefix(name, "__Secure-"), "cookie name: " + name, "secure(ALWAYS)");
        boolean bound = always && path.equals("/") && domain.isEmpty();
        require(bound || !hasPrefix(name, "__Host-"), "cookie name: " + name, "secure(ALWAYS), path / and no domain");
    }

    // Browsers compare the prefixes without regard to case.
    private static boolean hasPrefix(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    private static void require(boolean holds, String what, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " (expected: " + expected + ")");
        }
    }

    /** As they stand in {@code Set-Cookie}, from the first semicolon on. */
    String text(boolean https) {
        boolean isSecure = secure == Secure.ALWAYS || (secure == Secure.AUTO && https);
        return "; Path=" + path
                + (domain.isEmpty() ? "" : "; Domain=" + domain)
                + (httpOnly ? "; HttpOnly" : "")
                + "; SameSite=" + sameSite.text()
                + (isSecure ? "; Secure" : "")
                + (partitioned ? "; Partitioned" : "");
    }

    private static boolean isPlain(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ';');
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
