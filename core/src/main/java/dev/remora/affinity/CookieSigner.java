package dev.remora.affinity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs with one key, and knows the signatures of others besides: HMAC-SHA-256, cut to 128 bits. Thread-safe. */
final class CookieSigner {

    static final int MAC_BYTES = 16;

    private static final int MIN_KEY_BYTES = 16;
    private static final String ALGORITHM = "HmacSHA256";

    // Never used themselves, only cloned: a Mac has state, and a clone costs less than a look-up of the provider.
    private final List<Mac> prototypes;

    private CookieSigner(List<Mac> prototypes) {
        this.prototypes = prototypes;
    }

    static CookieSigner with(byte[] key) {
        return new CookieSigner(List.of(mac(key)));
    }

    CookieSigner alsoAccepting(byte[]... olderKeys) {
        List<Mac> all = new ArrayList<>(prototypes);
        Arrays.stream(olderKeys).map(CookieSigner::mac).forEach(all::add);
        return new CookieSigner(List.copyOf(all));
    }

    private static Mac mac(byte[] key) {
        if (key.length < MIN_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "cookie key: " + key.length + " bytes (expected: >= " + MIN_KEY_BYTES + ")");
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is missing, though every Java platform must have it", e);
        }
    }

    /** The payload with its signature behind it. */
    byte[] sign(String name, byte[] payload) {
        byte[] signed = Arrays.copyOf(payload, payload.length + MAC_BYTES);
        System.arraycopy(
                signature(prototypes.get(0), name, payload, payload.length), 0, signed, payload.length, MAC_BYTES);
        return signed;
    }

    /** Which key has signed it, 0 for today's; -1 when none has. */
    int signedBy(String name, byte[] signed) {
        int length = signed.length - MAC_BYTES;
        byte[] claimed = Arrays.copyOfRange(signed, length, signed.length);
        for (int i = 0; i < prototypes.size(); i++) {
            byte[] expected = Arrays.copyOf(signature(prototypes.get(i), name, signed, length), MAC_BYTES);
            if (MessageDigest.isEqual(claimed, expected)) {
                return i;
            }
        }
        return -1;
    }

    // The name is part of what is signed: a value is worth nothing in another cookie of the same key.
    private static byte[] signature(Mac prototype, String name, byte[] payload, int length) {
        try {
            Mac mac = (Mac) prototype.clone();
            mac.update(name.getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) '=');
            mac.update(payload, 0, length);
            return mac.doFinal();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's " + ALGORITHM + " cannot be cloned", e);
        }
    }
}
