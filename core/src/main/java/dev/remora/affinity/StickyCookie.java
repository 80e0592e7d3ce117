package dev.remora.affinity;

import dev.remora.affinity.VerifiedCookies.Verified;
import dev.remora.exchange.RequestView;
import dev.remora.http.Cookies;
import dev.remora.pool.BackendId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * A cookie that ties a client to a back end without any memory in the gateway: every gateway that has the same key
 * reads it.
 *
 * <p>The value is {@code base64url(version, first sent, last sent, session, back-end id, HMAC-SHA-256 cut to 128 bits)}, so
 * that a client cannot choose a back end for itself. A value that is forged, truncated, of another site or of an unknown
 * version counts as absent. Attributes: {@code Path=/; HttpOnly; SameSite=Lax}, and {@code Secure} when the client came over
 * https. By default it is a session cookie, which goes when the browser is closed. It is sent when a client is tied, when it is
 * tied to another back end, and when it is to be refreshed. What was verified lately is remembered, up to 32,768
 * cookies, so that most requests are spared the HMAC. Immutable and thread-safe; the order of settings does not matter.
 *
 * <pre>{@code StickyCookie cookie = StickyCookie.signedWith(key).named("__Host-chat").secure(Secure.ALWAYS).idle(ofHours(8));}</pre>
 */
public final class StickyCookie {

    private static final String DEFAULT_NAME = "remora";
    private static final byte VERSION = 2;
    private static final int HEADER_BYTES = 1 + 3 * Long.BYTES;
    private static final int MAX_VALUE_LENGTH = 256;
    private static final int MAX_SHARED_IDS = 10_000;

    private final String name;
    private final CookieSigner signer;
    private final CookieLifetime lifetime;
    private final CookieAttributes attributes;
    private final boolean preserved;
    private final List<ForeignCookie> foreign;
    private final InstantSource clock;
    private final VerifiedCookies verified = new VerifiedCookies();
    private final ConcurrentMap<BackendId, BackendId> ids = new ConcurrentHashMap<>();
    private final Cookies.ValueReader<Tie> reader = this::readValue;

    private StickyCookie(
            String name,
            CookieSigner signer,
            CookieLifetime lifetime,
            CookieAttributes attributes,
            boolean preserved,
            List<ForeignCookie> foreign,
            InstantSource clock) {
        this.name = name;
        this.signer = signer;
        this.lifetime = lifetime;
        this.attributes = attributes;
        this.preserved = preserved;
        this.foreign = List.copyOf(foreign);
        this.clock = clock;
    }

    /** Whether the cookie has the attribute {@code Secure}, and browsers send it over https only. */
    public enum Secure {
        /** When the client came over https, to this gateway or to a trusted proxy. */
        AUTO,
        /** Always. */
        ALWAYS,
        /** Never. */
        NEVER
    }

    /** Which requests of other sites carry the cookie. */
    public enum SameSite {
        /** Those that lead a browser here. */
        LAX("Lax"),
        /** None. */
        STRICT("Strict"),
        /** All; for chats that are embedded in pages of other sites. Needs {@link Secure#ALWAYS}. */
        NONE("None");

        private final String text;

        SameSite(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /**
     * A cookie named {@code remora}.
     *
     * @param key at least 16 random bytes, the same on every gateway of the site; copied
     * @throws IllegalArgumentException if the key is shorter
     */
    public static StickyCookie signedWith(byte[] key) {
        return new StickyCookie(
                DEFAULT_NAME,
                CookieSigner.with(key, DEFAULT_NAME),
                CookieLifetime.OF_THE_BROWSER,
                CookieAttributes.DEFAULT,
                false,
                List.of(),
                InstantSource.system());
    }

    /**
     * The same, which also reads what other keys have signed, and sends it again under its own. To change the key of a site:
     * let all gateways accept the new one, then let all sign with it and accept the old one.
     *
     * @param otherKeys as for {@link #signedWith}
     */
    public StickyCookie alsoAccepting(byte[]... otherKeys) {
        return with(name, signer.alsoAccepting(name, otherKeys), lifetime, attributes);
    }

    /**
     * The same under another name.
     *
     * @param newName an HTTP token; {@code __Host-} and {@code __Secure-} in front oblige as browsers demand
     */
    public StickyCookie named(String newName) {
        if (!Cookies.isToken(newName)) {
            throw new IllegalArgumentException("cookie name: \"" + newName + "\" (expected: an HTTP token)");
        }
        return with(newName, signer.named(newName), lifetime, attributes);
    }

    /**
     * The same, worth nothing when it is older, however much it is used: the client is then balanced anew. Without an
     * {@link #idle} time browsers keep it for so long ({@code Max-Age}). A date up to a day ahead of this gateway's clock is
     * accepted.
     *
     * @param age since the client was first sent a cookie, to this back end or another; 1 second to 400 days, the most that browsers keep a cookie
     *     (RFC 6265bis)
     */
    public StickyCookie maxAge(Duration age) {
        return with(
                name,
                signer,
                new CookieLifetime(lifetime.idle(), Optional.of(age), lifetime.refreshEvery()),
                attributes);
    }

    /**
     * The same, worth nothing when no request has carried it for so long, and kept by browsers for so long ({@code Max-Age}):
     * it is sent again while it is used.
     *
     * @param time 1 second to 400 days
     */
    public StickyCookie idle(Duration time) {
        return with(
                name,
                signer,
                new CookieLifetime(Optional.of(time), lifetime.maxAge(), lifetime.refreshEvery()),
                attributes);
    }

    /**
     * The same, sent again at most so often; by default once in a tenth of the {@link #idle} time.
     *
     * @param time 1 second or more, and less than the idle time
     */
    public StickyCookie refreshEvery(Duration time) {
        return with(
                name, signer, new CookieLifetime(lifetime.idle(), lifetime.maxAge(), Optional.of(time)), attributes);
    }

    /** The same for requests below a path, {@code /} by default. */
    public StickyCookie path(String path) {
        return with(name, signer, lifetime, attributes.withPath(path));
    }

    /** The same for all hosts of a domain; by default for the host that has set it. */
    public StickyCookie domain(String domain) {
        return with(name, signer, lifetime, attributes.withDomain(domain));
    }

    /** The same with another {@code Secure}, {@link Secure#AUTO} by default. */
    public StickyCookie secure(Secure secure) {
        return with(name, signer, lifetime, attributes.withSecure(Objects.requireNonNull(secure)));
    }

    /** The same with another {@code SameSite}, {@link SameSite#LAX} by default. */
    public StickyCookie sameSite(SameSite sameSite) {
        return with(name, signer, lifetime, attributes.withSameSite(Objects.requireNonNull(sameSite)));
    }

    /** The same, seen by scripts of the page or, by default, not ({@code HttpOnly}). */
    public StickyCookie httpOnly(boolean httpOnly) {
        return with(name, signer, lifetime, attributes.withHttpOnly(httpOnly));
    }

    /** The same, one for each site that embeds the chat ({@code Partitioned}, CHIPS). Needs {@link Secure#ALWAYS}. */
    public StickyCookie partitioned() {
        return with(name, signer, lifetime, attributes.withPartitioned());
    }

    /**
     * The same, seen by the back end, which may also set or delete a cookie of this name: then its own stands. By default the
     * back end does not see the cookie, and cannot set it.
     */
    public StickyCookie preserved() {
        return new StickyCookie(name, signer, lifetime, attributes, true, foreign, clock);
    }

    /**
     * The same for a site that comes from another proxy: a client that has that one's cookie and not ours stays on its back
     * end, and gets ours.
     */
    public StickyCookie alsoReading(ForeignCookie... others) {
        List<ForeignCookie> all = new ArrayList<>(foreign);
        all.addAll(List.of(others));
        return new StickyCookie(name, signer, lifetime, attributes, preserved, all, clock);
    }

    /** The same with another clock for the dates. */
    public StickyCookie withClock(InstantSource newClock) {
        return new StickyCookie(
                name, signer, lifetime, attributes, preserved, foreign, Objects.requireNonNull(newClock));
    }

    private StickyCookie with(
            String newName, CookieSigner newSigner, CookieLifetime newLifetime, CookieAttributes newAttributes) {
        return new StickyCookie(newName, newSigner, newLifetime, newAttributes, preserved, foreign, clock);
    }

    /**
     * This cookie, when its settings go together.
     *
     * @throws IllegalArgumentException if browsers would throw it away, or a setting has no effect
     */
    public StickyCookie checked() {
        attributes.check(name);
        lifetime.check();
        return this;
    }

    /** The cookie's name. */
    public String name() {
        return name;
    }

    /** Whether the back end sees it, and may set it. */
    public boolean isPreserved() {
        return preserved;
    }

    /** The cookies of other proxies that are read where ours is missing. */
    public List<ForeignCookie> foreign() {
        return foreign;
    }

    /** The second of the clock, since 1970. */
    public long now() {
        // The system's source makes no Instant for that.
        return Math.floorDiv(clock.millis(), 1_000L);
    }

    /** What a request's cookie says; nothing when it carries none that we have signed. */
    public Optional<Tie> read(RequestView request) {
        return Cookies.find(request.headers("cookie"), name, reader);
    }

    /** Whether a client that stays on its back end is to be sent its cookie again. */
    public boolean renews(Tie tie) {
        return tie.refreshedAt() == Tie.NEVER
                || (lifetime.idle().isPresent() && lifetime.isDue(tie.refreshedAt(), now()));
    }

    /**
     * The value of a {@code Set-Cookie} header that ties a client to a back end.
     *
     * @param tie what to remember; one that was never sent begins now
     * @param https whether the client came over https
     */
    public String setCookie(Tie tie, boolean https) {
        long now = now();
        long issuedAt = tie.issuedAt() == Tie.NEVER ? now : tie.issuedAt();
        byte[] id = tie.backend().value().getBytes(StandardCharsets.US_ASCII);
        byte[] payload = ByteBuffer.allocate(HEADER_BYTES + id.length)
                .put(VERSION)
                .putLong(issuedAt)
                .putLong(now)
                .putLong(tie.session())
                .put(id)
                .array();
        String value = Base64.getUrlEncoder().withoutPadding().encodeToString(signer.sign(payload));
        String age = lifetime.left(issuedAt, now)
                .map(left -> "; Max-Age=" + left.toSeconds())
                .orElse("");
        return name + "=" + value + age + attributes.text(https);
    }

    private Optional<Tie> readValue(String header, int from, int to) {
        if (to - from > MAX_VALUE_LENGTH) {
            return Optional.empty();
        }
        Verified known = verified.find(header, from, to);
        if (known == null) {
            known = verify(header, from, to);
        }
        return known != null && isGood(known) ? known.tie() : Optional.empty();
    }

    private boolean isGood(Verified known) {
        return !lifetime.isBounded()
                || lifetime.covers(known.tie().orElseThrow().issuedAt(), known.refreshedAt(), now());
    }

    private @Nullable Verified verify(String header, int from, int to) {
        byte[] value = new byte[to - from];
        for (int i = 0; i < value.length; i++) {
            char c = header.charAt(from + i);
            if (c >= 0x80) {
                return null;
            }
            value[i] = (byte) c;
        }
        byte[] signed;
        try {
            signed = Base64.getUrlDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            return null;
        }
        int idLength = signed.length - CookieSigner.MAC_BYTES - HEADER_BYTES;
        if (idLength <= 0 || signed[0] != VERSION) {
            return null;
        }
        int key = signer.signedBy(signed);
        if (key < 0) {
            return null;
        }
        // Signed by us, so it is a valid id.
        BackendId id = new BackendId(new String(signed, HEADER_BYTES, idLength, StandardCharsets.US_ASCII));
        ByteBuffer fields = ByteBuffer.wrap(signed, 1, HEADER_BYTES - 1);
        long issuedAt = fields.getLong();
        long refreshedAt = fields.getLong();
        long session = fields.getLong();
        Tie tie = new Tie(shared(id), session, issuedAt, key == 0 ? refreshedAt : Tie.NEVER);
        return verified.add(header, from, to, value, refreshedAt, tie);
    }

    // The cookies of all clients of a back end share its id, which then stays in the processor's cache.
    private BackendId shared(BackendId id) {
        if (ids.size() >= MAX_SHARED_IDS) {
            ids.clear();
        }
        BackendId first = ids.putIfAbsent(id, id);
        return first == null ? id : first;
    }

    /**
     * What the cookie remembers.
     *
     * @param backend the back end that the client is tied to
     * @param session a random number that stays the same when the client is tied to another back end: parallel requests
     *     of one client then agree on the new one, on every gateway, without talking to each other
     * @param issuedAt when the client was first tied, in seconds since 1970; {@link #NEVER} when no cookie of ours says so
     * @param refreshedAt when it was last sent; {@link #NEVER} when it is to be sent anew
     */
    public record Tie(BackendId backend, long session, long issuedAt, long refreshedAt) {

        /** The date of what never was. */
        public static final long NEVER = Long.MIN_VALUE;

        /** Creates a tie. */
        public Tie {
            Objects.requireNonNull(backend, "backend");
        }

        /** The same tie to another back end. Its age goes on: it is the same client. */
        public Tie to(BackendId other) {
            return new Tie(other, session, issuedAt, NEVER);
        }

        /** A tie that no cookie of ours carries yet. */
        public Tie(BackendId backend, long session) {
            this(backend, session, NEVER, NEVER);
        }
    }
}
