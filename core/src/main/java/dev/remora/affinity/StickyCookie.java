package dev.remora.affinity;

import dev.remora.exchange.RequestView;
import dev.remora.http.Cookies;
import dev.remora.pool.BackendId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A cookie that ties a client to a back end without any memory in the gateway: every gateway that has the same key
 * reads it.
 *
 * <p>The value is {@code base64url(version, time of issue, session, back-end id, HMAC-SHA-256 cut to 128 bits)}, so that a client
 * cannot choose a back end for itself. A value that is forged, truncated, of another site or of an unknown version
 * counts as absent. Attributes: {@code Path=/; HttpOnly; SameSite=Lax}, and {@code Secure} when the client came over
 * https. It is a session cookie: it goes when the browser is closed. Immutable and thread-safe.
 *
 * <pre>{@code StickyCookie cookie = StickyCookie.signedWith(key).named("chat_route");}</pre>
 */
public final class StickyCookie {

    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 1 + 2 * Long.BYTES;
    private static final int MAC_BYTES = 16;
    private static final int MIN_KEY_BYTES = 16;
    private static final int MAX_VALUE_LENGTH = 256;
    private static final String ALGORITHM = "HmacSHA256";

    private final String name;
    // Never used itself, only cloned: a Mac has state, and a clone costs less than a look-up of the provider.
    private final Mac prototype;
    private final InstantSource clock;

    private StickyCookie(String name, Mac prototype, InstantSource clock) {
        this.name = name;
        this.prototype = prototype;
        this.clock = clock;
    }

    /**
     * A cookie named {@code remora}.
     *
     * @param key at least 16 random bytes, the same on every gateway of the site; copied
     * @throws IllegalArgumentException if the key is shorter
     */
    public static StickyCookie signedWith(byte[] key) {
        if (key.length < MIN_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "cookie key: " + key.length + " bytes (expected: >= " + MIN_KEY_BYTES + ")");
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return new StickyCookie("remora", mac, InstantSource.system());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is missing, though every Java platform must have it", e);
        }
    }

    /**
     * The same under another name.
     *
     * @param newName an HTTP token
     */
    public StickyCookie named(String newName) {
        if (!Cookies.isToken(newName)) {
            throw new IllegalArgumentException("cookie name: \"" + newName + "\" (expected: an HTTP token)");
        }
        return new StickyCookie(newName, prototype, clock);
    }

    /** The same with another clock for the time of issue. */
    public StickyCookie withClock(InstantSource newClock) {
        return new StickyCookie(name, prototype, Objects.requireNonNull(newClock));
    }

    /** The cookie's name. */
    public String name() {
        return name;
    }

    /** What a request's cookie says; nothing when it carries none that we have signed. */
    public Optional<Tie> read(RequestView request) {
        return Cookies.find(request.headers("cookie"), name).flatMap(this::verify);
    }

    /**
     * The value of a {@code Set-Cookie} header that ties a client to a back end.
     *
     * @param tie what to remember
     * @param secure whether the client came over https
     */
    public String setCookie(Tie tie, boolean secure) {
        byte[] id = tie.backend().value().getBytes(StandardCharsets.US_ASCII);
        byte[] payload = ByteBuffer.allocate(HEADER_BYTES + id.length)
                .put(VERSION)
                .putLong(clock.instant().getEpochSecond())
                .putLong(tie.session())
                .put(id)
                .array();
        byte[] signed = Arrays.copyOf(payload, payload.length + MAC_BYTES);
        System.arraycopy(mac(payload), 0, signed, payload.length, MAC_BYTES);
        String value = Base64.getUrlEncoder().withoutPadding().encodeToString(signed);
        return name + "=" + value + "; Path=/; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
    }

    private Optional<Tie> verify(String value) {
        if (value.length() > MAX_VALUE_LENGTH) {
            return Optional.empty();
        }
        byte[] signed;
        try {
            signed = Base64.getUrlDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int payloadLength = signed.length - MAC_BYTES;
        if (payloadLength <= HEADER_BYTES || signed[0] != VERSION) {
            return Optional.empty();
        }
        byte[] payload = Arrays.copyOf(signed, payloadLength);
        byte[] claimed = Arrays.copyOfRange(signed, payloadLength, signed.length);
        if (!MessageDigest.isEqual(claimed, Arrays.copyOf(mac(payload), MAC_BYTES))) {
            return Optional.empty();
        }
        // Signed by us, so it is a valid id.
        String id = new String(payload, HEADER_BYTES, payloadLength - HEADER_BYTES, StandardCharsets.US_ASCII);
        long session = ByteBuffer.wrap(payload).getLong(1 + Long.BYTES);
        return Optional.of(new Tie(new BackendId(id), session));
    }

    // The name is part of what is signed: a value is worth nothing in another cookie of the same key.
    private byte[] mac(byte[] payload) {
        try {
            Mac mac = (Mac) prototype.clone();
            mac.update(name.getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) '=');
            return mac.doFinal(payload);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's " + ALGORITHM + " cannot be cloned", e);
        }
    }

    /**
     * What the cookie remembers.
     *
     * @param backend the back end that the client is tied to
     * @param session a random number that stays the same when the client is tied to another back end: parallel requests
     *     of one client then agree on the new one, on every gateway, without talking to each other
     */
    public record Tie(BackendId backend, long session) {
        /** Creates a tie. */
        public Tie {
            Objects.requireNonNull(backend, "backend");
        }
    }
}
