package dev.remora.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A program that Redis runs in one atomic step, on one key.
 *
 * @param text its source
 * @param sha by which Redis knows it once it has seen the text
 */
record Script(String text, String sha) {

    Script(String text) {
        this(text, sha1(text));
    }

    private static String sha1(String text) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return HexFormat.of().formatHex(sha1.digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-1 is missing, though every Java platform must have it", e);
        }
    }
}
