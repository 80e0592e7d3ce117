package dev.remora.examples;

import dev.remora.LoadBalancerBuilder;
import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyFallback;
import dev.remora.session.SessionMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What ties a client to its back end. */
final class StickyFlags {

    private static final String HEADER = "header=";
    private static final int RANDOM_KEY_BYTES = 32;
    private static final long DEFAULT_MAX_SESSIONS = 100_000;
    private static final Duration DEFAULT_SESSION_IDLE = Duration.ofMinutes(30);

    @Option(
            names = "--sticky",
            paramLabel = "HOW",
            description = "cookie (signed, nothing is remembered here), ip (the client's address), header=NAME"
                    + " (such as a session id), or none (default: cookie).")
    private String sticky = "cookie";

    @Option(
            names = "--cookie-key-file",
            paramLabel = "FILE",
            description = "The key that signs the cookies: at least 16 random bytes, the same file on every gateway"
                    + " (default: a random key, gone with this process).")
    private Optional<Path> cookieKeyFile = Optional.empty();

    @Option(names = "--cookie-name", paramLabel = "NAME", description = "The cookie's name (default: remora).")
    private Optional<String> cookieName = Optional.empty();

    @Option(
            names = "--sticky-fallback",
            paramLabel = "WHAT",
            description =
                    "When a client's back end cannot serve: rebind (to another, for good), spill (this request only),"
                            + " or refuse (503) (default: rebind).")
    private String fallback = "rebind";

    @Option(
            names = "--session-idle",
            paramLabel = "TIME",
            description = "With ip or header: how long a silent client is remembered (default: 30m).")
    private Optional<Duration> sessionIdle = Optional.empty();

    @Option(
            names = "--max-sessions",
            paramLabel = "N",
            description = "With ip or header: how many clients are remembered (default: 100000).")
    private Optional<Long> maxSessions = Optional.empty();

    /** Whether cookies are signed with a key that ends with this process. */
    boolean keyIsRandom() {
        return cookie() && cookieKeyFile.isEmpty();
    }

    /** @param hashes whether the strategy hashes a key: then it sticks by itself, and nothing needs to be remembered */
    void applyTo(LoadBalancerBuilder builder, boolean hashes) throws CommandFailed {
        requireConsistent(hashes);
        builder.stickyFallback(fallback());
        if (cookie()) {
            StickyCookie cookie = StickyCookie.signedWith(key());
            builder.stickyCookie(cookieName.map(cookie::named).orElse(cookie));
        }
        if (keyed() || hashes) {
            builder.affinity(affinity());
        }
        if (keyed() && !hashes) {
            builder.sessions(SessionMap.local(
                    maxSessions.orElse(DEFAULT_MAX_SESSIONS), sessionIdle.orElse(DEFAULT_SESSION_IDLE)));
        }
    }

    private boolean cookie() {
        return sticky.equals("cookie");
    }

    private boolean keyed() {
        return sticky.equals("ip") || sticky.startsWith(HEADER);
    }

    private AffinityRule affinity() {
        return sticky.startsWith(HEADER)
                ? AffinityRule.header(sticky.substring(HEADER.length()))
                : AffinityRule.clientAddress();
    }

    private StickyFallback fallback() {
        return switch (fallback) {
            case "rebind" -> StickyFallback.REBIND;
            case "spill" -> StickyFallback.SPILL;
            case "refuse" -> StickyFallback.REFUSE;
            default ->
                throw new IllegalArgumentException(
                        "sticky-fallback: " + fallback + " (expected: rebind, spill or refuse)");
        };
    }

    /** A flag that would change nothing is a mistake of whoever wrote it. */
    private void requireConsistent(boolean hashes) {
        if (!cookie() && !keyed() && !sticky.equals("none")) {
            throw new IllegalArgumentException("sticky: " + sticky + " (expected: cookie, ip, header=NAME or none)");
        }
        if (!cookie() && (cookieKeyFile.isPresent() || cookieName.isPresent())) {
            throw new IllegalArgumentException(
                    "sticky: " + sticky + " (expected: cookie, when the cookie is described)");
        }
        boolean remembers = keyed() && !hashes;
        if (!remembers && (sessionIdle.isPresent() || maxSessions.isPresent())) {
            throw new IllegalArgumentException(
                    "sticky: " + sticky + " (expected: ip or header=NAME without a hash, when sessions are described)");
        }
    }

    private byte[] key() throws CommandFailed {
        if (cookieKeyFile.isEmpty()) {
            var key = new byte[RANDOM_KEY_BYTES];
            new SecureRandom().nextBytes(key);
            return key;
        }
        try {
            return Files.readAllBytes(cookieKeyFile.get());
        } catch (IOException e) {
            throw new CommandFailed("cookie-key-file: " + cookieKeyFile.get() + " (expected: a readable file)", e);
        }
    }
}
