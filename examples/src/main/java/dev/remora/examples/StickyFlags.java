package dev.remora.examples;

import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyFallback;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What ties a client to its back end. */
final class StickyFlags {

    private static final String DEFAULT = "cookie";
    private static final String DEFAULT_OF_SEVERAL = "cookie,header=X-Session-Id";
    private static final int RANDOM_KEY_BYTES = 32;

    @Option(
            names = "--sticky",
            paramLabel = "HOW",
            description = "cookie (signed, nothing is remembered here), ip (the client's address), header=NAME"
                    + " (such as a session id), mcp (the Mcp-Session-Id that a back end gives out), a list such as "
                    + DEFAULT_OF_SEVERAL
                    + " of which the first counts that a"
                    + " request has, or none (default: " + DEFAULT + "; with --gateways or --redis: "
                    + DEFAULT_OF_SEVERAL
                    + ").")
    private Optional<String> sticky = Optional.empty();

    @Option(
            names = "--cookie-key-file",
            paramLabel = "FILE",
            description =
                    "The key that signs the cookies: at least 16 random bytes, the same file for every process with"
                            + " gateways (default: a random key, gone with this process).")
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
            description = "With ip, header or mcp: how long a silent client is remembered (default: 30m).")
    private Optional<Duration> sessionIdle = Optional.empty();

    @Option(
            names = "--max-sessions",
            paramLabel = "N",
            description = "With ip, header or mcp: how many clients are remembered (default: 100000).")
    private Optional<Long> maxSessions = Optional.empty();

    /**
     * What the flags say, for all gateways of this process.
     *
     * @param hashes whether the strategy hashes a key: then it sticks by itself, and nothing needs to be remembered
     * @throws IllegalArgumentException when a flag is wrong, or would change nothing
     */
    Stickiness stickiness(boolean hashes, SharingFlags sharing) throws CommandFailed {
        StickyNames names = StickyNames.of(sticky.orElse(sharing.several() ? DEFAULT_OF_SEVERAL : DEFAULT));
        requireConsistent(names, hashes, sharing);
        return new Stickiness(
                names,
                names.cookie() ? Optional.of(cookie()) : Optional.empty(),
                names.cookie() && cookieKeyFile.isEmpty(),
                fallback(),
                hashes,
                sessionIdle.orElse(Stickiness.DEFAULT_SESSION_IDLE),
                maxSessions.orElse(Stickiness.DEFAULT_MAX_SESSIONS));
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
    private void requireConsistent(StickyNames names, boolean hashes, SharingFlags sharing) {
        if (!names.cookie() && (cookieKeyFile.isPresent() || cookieName.isPresent())) {
            throw new IllegalArgumentException(
                    "sticky: " + names + " (expected: cookie, when the cookie is described)");
        }
        if (hashes && names.issued()) {
            throw new IllegalArgumentException("sticky: " + names + " (expected: no mcp, when the strategy is a hash)");
        }
        boolean remembers = names.keyed() && !hashes;
        if (!remembers && (sessionIdle.isPresent() || maxSessions.isPresent())) {
            throw new IllegalArgumentException("sticky: " + names
                    + " (expected: ip, header=NAME or mcp without a hash, when sessions are described)");
        }
        if (!remembers && sharing.redis().isPresent()) {
            throw new IllegalArgumentException(
                    "sticky: " + names + " (expected: ip, header=NAME or mcp without a hash, when there is a Redis)");
        }
    }

    private StickyCookie cookie() throws CommandFailed {
        StickyCookie cookie = StickyCookie.signedWith(key());
        return cookieName.map(cookie::named).orElse(cookie);
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
