package dev.remora.redis;

import dev.remora.affinity.AffinityKey;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * Under which name the store keeps a session: a prefix and 144 bits of the key's SHA-256. A session id is a secret of its
 * client; so it can be read neither in the store nor on the way there, and its length costs nothing.
 */
record SessionKeys(String prefix) {

    private static final int DIGEST_BYTES = 18;
    private static final int MAX_PREFIX = 64;

    SessionKeys {
        requireVisible(prefix);
    }

    static void requireVisible(String prefix) {
        boolean visible = prefix.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '{' && c != '}');
        if (prefix.isEmpty() || prefix.length() > MAX_PREFIX || !visible) {
            throw new IllegalArgumentException("key prefix: \"" + prefix.replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" (expected: 1 to " + MAX_PREFIX + " visible ASCII characters without braces)");
        }
    }

    String nameOf(AffinityKey key) {
        return prefix + digest(key.text());
    }

    /** 24 characters that stand for a text of any length. */
    static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes(text));
            return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, DIGEST_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing, though every Java platform must have it", e);
        }
    }

    // Of each character both bytes: no encoding, since those take some texts for the same.
    private static byte[] bytes(String text) {
        byte[] bytes = new byte[2 * text.length()];
        for (int i = 0; i < text.length(); i++) {
            bytes[2 * i] = (byte) (text.charAt(i) >> 8);
            bytes[2 * i + 1] = (byte) text.charAt(i);
        }
        return bytes;
    }
}
