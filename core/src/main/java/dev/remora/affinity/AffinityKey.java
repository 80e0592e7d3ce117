package dev.remora.affinity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/**
 * What a client is known by, for stickiness only: it is chosen by the client and proves nothing.
 *
 * <p>Its size is bounded: a longer text is replaced by its SHA-256 digest, so that nobody can fill a map with megabytes.
 */
public final class AffinityKey {

    private static final int MAX_LENGTH = 128;

    private final String value;
    private final long hash;

    private AffinityKey(String value) {
        this.value = value;
        this.hash = hash64(value);
    }

    /** The key for any text, the empty one included. */
    public static AffinityKey of(String text) {
        Objects.requireNonNull(text, "text");
        return new AffinityKey(text.length() <= MAX_LENGTH ? text : digest(text));
    }

    /** The text, or the digest that stands for a long one; at most 128 characters. Not for logs: it may be a secret. */
    public String value() {
        return value;
    }

    /** 64 well mixed bits of the value, the same in every JVM. */
    public long hash() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AffinityKey key && hash == key.hash && value.equals(key.value);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(hash);
    }

    /** Says that it is a key, and not which one. */
    @Override
    public String toString() {
        return "AffinityKey[" + value.length() + " characters]";
    }

    // FNV-1a over UTF-16 code units, then the finalizer of MurmurHash3 so that all 64 bits depend on all of the text.
    private static long hash64(String text) {
        long h = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            h = (h ^ text.charAt(i)) * 0x100000001b3L;
        }
        h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 33);
    }

    private static String digest(String text) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return "sha256:" + HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing, though every Java platform must have it", e);
        }
    }
}
