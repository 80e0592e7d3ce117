package dev.remora.affinity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs with one key, and knows the signatures of others besides: HMAC-SHA-256, cut to 128 bits. The cookie's name is part
 * of what is signed, so that a value is worth nothing in another cookie of the same key. Thread-safe.
 */
final class CookieSigner {

    static final int MAC_BYTES = 16;

    private static final int MIN_KEY_BYTES = 16;
    private static final String ALGORITHM = "HmacSHA256";

    private final List<SecretKeySpec> keys;
    // Each has taken the name in already. Only clones are used: a Mac has state, and a look-up of the provider is dear.
    private final Mac[] prototypes;

    private CookieSigner(List<SecretKeySpec> keys, String name) {
        this.keys = keys;
        this.prototypes = keys.stream().map(key -> prototype(key, name)).toArray(Mac[]::new);
    }

    static CookieSigner with(byte[] key, String name) {
        return new CookieSigner(List.of(checked(key)), name);
    }

    CookieSigner alsoAccepting(String name, byte[]... olderKeys) {
        List<SecretKeySpec> all = new ArrayList<>(keys);
        Arrays.stream(olderKeys).map(CookieSigner::checked).forEach(all::add);
        return new CookieSigner(List.copyOf(all), name);
    }

    CookieSigner named(String name) {
        return new CookieSigner(keys, name);
    }

    private static SecretKeySpec checked(byte[] key) {
        if (key.length < MIN_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "cookie key: " + key.length + " bytes (expected: >= " + MIN_KEY_BYTES + ")");
        }
        return new SecretKeySpec(key, ALGORITHM);
    }

    private static Mac prototype(SecretKeySpec key, String name) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update((name + "=").getBytes(StandardCharsets.US_ASCII));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is missing, though every Java platform must have it", e);
        }
    }

    /** The payload with its signature behind it. */
    byte[] sign(byte[] payload) {
        byte[] signed = Arrays.copyOf(payload, payload.length + MAC_BYTES);
        System.arraycopy(signature(prototypes[0], payload, payload.length), 0, signed, payload.length, MAC_BYTES);
        return signed;
    }

    /** Which key has signed it, 0 for today's; -1 when none has. */
    int signedBy(byte[] signed) {
        int length = signed.length - MAC_BYTES;
        for (int i = 0; i < prototypes.length; i++) {
            if (endsWith(signed, length, signature(prototypes[i], signed, length))) {
                return i;
            }
        }
        return -1;
    }

    // In constant time: how much of it is right shows nowhere.
    private static boolean endsWith(byte[] signed, int length, byte[] signature) {
        int differences = 0;
        for (int i = 0; i < MAC_BYTES; i++) {
            differences |= signed[length + i] ^ signature[i];
        }
        return differences == 0;
    }

    private static byte[] signature(Mac prototype, byte[] payload, int length) {
        try {
            Mac mac = (Mac) prototype.clone();
            mac.update(payload, 0, length);
            return mac.doFinal();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's " + ALGORITHM + " cannot be cloned", e);
        }
    }
}
