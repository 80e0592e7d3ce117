package dev.remora.affinity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a client is known by, for stickiness only: it is chosen by the client and proves nothing.
 *
 * <p>Its size is bounded, so that nobody can fill the memory with megabytes: a text of more than 8,192 characters is
 * replaced by its SHA-256 digest. What is kept for longer than a request is better {@link #bounded()} to 128.
 */
public final class AffinityKey implements Comparable<AffinityKey> {

    private static final int MAX_LENGTH = 8_192;
    private static final int MAX_BOUNDED_LENGTH = 128;

    private final String text;
    private final long hash;

    private AffinityKey(String text) {
        this.text = text;
        this.hash = TextHash.of(text);
    }

    /** The key for any text, the empty one included. */
    public static AffinityKey of(String text) {
        return new AffinityKey(text.length() <= MAX_LENGTH ? text : digest(text));
    }

    /** The text, or the digest that stands for one of more than 8,192 characters. Not for logs: it may be a secret. */
    public String text() {
        return text;
    }

    /** This key, or the key of its digest when its text has more than 128 characters. Equal keys stay equal. */
    public AffinityKey bounded() {
        return text.length() <= MAX_BOUNDED_LENGTH ? this : new AffinityKey(digest(text));
    }

    /** 64 well mixed bits of the text, the same in every JVM. */
    public long hash() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AffinityKey key && hash == key.hash && text.equals(key.text);
    }

    /** By text; so that a hash map stays fast though clients may find keys whose hashes collide. */
    @Override
    public int compareTo(AffinityKey other) {
        return text.compareTo(other.text);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(hash);
    }

    /** Says that it is a key, and not which one. */
    @Override
    public String toString() {
        return "AffinityKey[" + text.length() + " characters]";
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
