package dev.remora.affinity;

import dev.remora.pool.Backend;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What other proxies write for a back end, made of what they called it. */
@FunctionalInterface
interface AddressNaming {

    /** The values that stand for a back end. */
    List<String> values(String called);

    AddressNaming PLAIN = List::of;

    AddressNaming MD5 = called -> List.of(hex(digest("MD5", called)));

    AddressNaming TRAEFIK = called -> {
        String bare = called.endsWith("/") ? called.substring(0, called.length() - 1) : called;
        Set<String> values = new LinkedHashSet<>();
        for (String url : List.of(called, bare, bare + "/")) {
            String once = fnv1(url);
            values.add(hex(digest("SHA-256", url)).substring(0, 16));
            values.add(url);
            values.add(once);
            values.add(fnv1(once));
        }
        return List.copyOf(values);
    };

    static Optional<String> id(Backend backend) {
        return Optional.of(backend.id().value());
    }

    static AddressNaming haproxyDynamic(String key) {
        byte[] first = key.getBytes(StandardCharsets.UTF_8);
        return called -> SocketAddresses.bytes(called)
                .map(address -> List.of(HexFormat.of().toHexDigits(XxHash64.of(concatenated(first, address)))))
                .orElse(List.of());
    }

    static AddressNaming caddy(String secret) {
        Mac mac = hmac(secret.getBytes(StandardCharsets.UTF_8));
        return called -> {
            synchronized (mac) {
                return List.of(hex(mac.doFinal(called.getBytes(StandardCharsets.UTF_8))));
            }
        };
    }

    static String traefikDefaultName(String service) {
        return "_" + hex(digest("SHA-1", "_TRAEFIK_BACKEND_" + service)).substring(0, 5);
    }

    // An HMAC key is filled up with zeros, so that one zero stands for none; the platform takes no empty key.
    private static Mac hmac(byte[] secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.length == 0 ? new byte[1] : secret, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is missing, though every Java platform must have it", e);
        }
    }

    // FNV-1 with 64 bits, in hexadecimal digits without leading zeros.
    private static String fnv1(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = hash * 0x100000001b3L ^ (b & 0xff);
        }
        return Long.toHexString(hash);
    }

    private static byte[] digest(String algorithm, String text) {
        try {
            return MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is missing, though every Java platform must have it", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        byte[] all = new byte[first.length + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
