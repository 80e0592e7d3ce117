package dev.remora.guard;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What the gateway keeps of a key that it has given away: whose it is, and its hash. A fast hash without salt is enough
 * for keys that nobody can guess, as {@link #generate} makes them; it is not for passwords.
 *
 * @param label of the caller, the same for several keys while one replaces the other
 * @param plan which limits apply
 * @param sha256 the hash of the key, 64 hexadecimal digits in lower case; see {@link #sha256(String)}
 */
public record ApiKey(String label, String plan, String sha256) {

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final int RANDOM_BYTES = 32;

    /** Creates an entry. */
    public ApiKey {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(plan, "plan");
        if (!HASH.matcher(sha256).matches()) {
            // It may be the key itself, by mistake, so it is not repeated.
            throw new IllegalArgumentException(
                    "sha256: " + sha256.length() + " characters (expected: 64 hexadecimal digits in lower case)");
        }
    }

    /** A new key to give away: 43 letters, digits, {@code -} and {@code _} that stand for 256 random bits. */
    public static String generate() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The hash of a key, as {@code printf %s KEY | sha256sum} prints it. */
    public static String sha256(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "ApiKey[label=" + label + ", plan=" + plan + "]";
    }
}
