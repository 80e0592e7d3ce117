package dev.remora.affinity;

import dev.remora.affinity.VerifiedCookies.Verified;
import dev.remora.exchange.RequestView;
import dev.remora.http.Cookies;
import dev.remora.pool.BackendId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A cookie that ties a client to a back end without any memory in the gateway: every gateway that has the same key
 * reads it.
 *
 * <p>The value is {@code base64url(version, time of issue, session, back-end id, HMAC-SHA-256 cut to 128 bits)}, so that a client
 * cannot choose a back end for itself. A value that is forged, truncated, of another site or of an unknown version
 * counts as absent. Attributes: {@code Path=/; HttpOnly; SameSite=Lax}, and {@code Secure} when the client came over
 * https. By default it is a session cookie, which goes when the browser is closed. What was verified lately is remembered,
 * up to 32,768 cookies, so that most requests are spared the HMAC. Thread-safe.
 *
 * <pre>{@code StickyCookie cookie = StickyCookie.signedWith(key).named("chat_route");}</pre>
 */
public final class StickyCookie {

    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 1 + 2 * Long.BYTES;
    private static final int MAC_BYTES = 16;
    private static final int MIN_KEY_BYTES = 16;
    private static final int MAX_VALUE_LENGTH = 256;
    private static final int MAX_SHARED_IDS = 10_000;
    private static final Duration MIN_AGE = Duration.ofSeconds(1);
    private static final Duration MAX_AGE = Duration.ofDays(400);
    private static final Duration MAX_SKEW = Duration.ofDays(1);
    private static final String ALGORITHM = "HmacSHA256";

    private final String name;
    // Never used itself, only cloned: a Mac has state, and a clone costs less than a look-up of the provider.
    private final Mac prototype;
    private final InstantSource clock;
    private final Optional<Duration> maxAge;
    private final VerifiedCookies verified = new VerifiedCookies();
    private final ConcurrentMap<BackendId, BackendId> ids = new ConcurrentHashMap<>();
    private final Cookies.ValueReader<Tie> reader = this::readValue;

    private StickyCookie(String name, Mac prototype, InstantSource clock, Optional<Duration> maxAge) {
        this.name = name;
        this.prototype = prototype;
        this.clock = clock;
        this.maxAge = maxAge;
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
            return new StickyCookie("remora", mac, InstantSource.system(), Optional.empty());
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
        return new StickyCookie(newName, prototype, clock, maxAge);
    }

    /**
     * The same, kept by browsers for a time ({@code Max-Age}) and worth nothing when it is older: the client is then
     * balanced anew. A time of issue up to a day ahead of this gateway's clock is accepted.
     *
     * @param age 1 second to 400 days, the most that browsers keep a cookie (RFC 6265bis)
     */
    public StickyCookie maxAge(Duration age) {
        if (age.compareTo(MIN_AGE) < 0 || age.compareTo(MAX_AGE) > 0) {
            throw new IllegalArgumentException("max age: " + age + " (expected: PT1S to 400 days)");
        }
        return new StickyCookie(name, prototype, clock, Optional.of(age));
    }

    /** The same with another clock for the time of issue. */
    public StickyCookie withClock(InstantSource newClock) {
        return new StickyCookie(name, prototype, Objects.requireNonNull(newClock), maxAge);
    }

    /** The cookie's name. */
    public String name() {
        return name;
    }

    /** What a request's cookie says; nothing when it carries none that we have signed. */
    public Optional<Tie> read(RequestView request) {
        return Cookies.find(request.headers("cookie"), name, reader);
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
        return name + "=" + value + "; Path=/; HttpOnly; SameSite=Lax"
                + maxAge.map(age -> "; Max-Age=" + age.toSeconds()).orElse("") + (secure ? "; Secure" : "");
    }

    private Optional<Tie> readValue(String header, int from, int to) {
        if (to - from > MAX_VALUE_LENGTH) {
            return Optional.empty();
        }
        Verified known = verified.find(header, from, to);
        if (known == null) {
            known = verify(header.substring(from, to));
        }
        return known != null && isYoung(known.issuedAt()) ? known.tie() : Optional.empty();
    }

    private boolean isYoung(long issuedAt) {
        if (maxAge.isEmpty()) {
            return true;
        }
        long age = clock.instant().getEpochSecond() - issuedAt;
        return age <= maxAge.get().toSeconds() && age >= -MAX_SKEW.toSeconds();
    }

    private @Nullable Verified verify(String value) {
        byte[] signed;
        try {
            signed = Base64.getUrlDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            return null;
        }
        int payloadLength = signed.length - MAC_BYTES;
        if (payloadLength <= HEADER_BYTES || signed[0] != VERSION) {
            return null;
        }
        byte[] payload = Arrays.copyOf(signed, payloadLength);
        byte[] claimed = Arrays.copyOfRange(signed, payloadLength, signed.length);
        if (!MessageDigest.isEqual(claimed, Arrays.copyOf(mac(payload), MAC_BYTES))) {
            return null;
        }
        // Signed by us, so it is a valid id.
        String id = new String(payload, HEADER_BYTES, payloadLength - HEADER_BYTES, StandardCharsets.US_ASCII);
        ByteBuffer fields = ByteBuffer.wrap(payload);
        Tie tie = new Tie(shared(new BackendId(id)), fields.getLong(1 + Long.BYTES));
        return verified.add(value, fields.getLong(1), tie);
    }

    // The cookies of all clients of a back end share its id, which then stays in the processor's cache.
    private BackendId shared(BackendId id) {
        if (ids.size() >= MAX_SHARED_IDS) {
            ids.clear();
        }
        BackendId first = ids.putIfAbsent(id, id);
        return first == null ? id : first;
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
