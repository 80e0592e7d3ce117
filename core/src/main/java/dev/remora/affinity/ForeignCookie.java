package dev.remora.affinity;

import dev.remora.http.Cookies;
import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The sticky cookie of another proxy that a site is moving away from. It is only read, for
 * {@link StickyCookie#alsoReading}: a client that carries it stays on its back end and gets our own.
 *
 * <p>What the other proxy called a back end is taken from its {@link Backend}: its address, its URL, or its id; where that
 * differs, {@link #naming} says it. Values that name no member, have another form or are longer than 512 characters count
 * as absent. Unlike ours these cookies can be made up: a client can choose a back end by them, as it could before.
 * Immutable and thread-safe.
 */
public sealed interface ForeignCookie permits AddressedCookie, ForeignCookie.Haproxy {

    /** The cookie's name. */
    String cookieName();

    /** The same when the other proxy called the back ends otherwise, as its method of the catalogue says. */
    ForeignCookie naming(Function<Backend, String> name);

    /** What reads it while these are the members. Made when the membership changes, not for each request. */
    Reader reader(Snapshot members);

    /** As {@link #reader}, when the members were others before: their names may still stand in cookies. */
    default Reader updated(Reader before, Snapshot members) {
        return reader(members);
    }

    /** Reads values of the cookie. Thread-safe. */
    interface Reader {
        /**
         * Reads the value that stands in a header from a place up to, and without, another one.
         *
         * @param now the time in seconds since 1970
         * @return the member that it names; nothing when it names none, or is too old
         */
        Optional<BackendId> read(String header, int from, int to, long now);

        /**
         * What keeps it from the back end.
         *
         * @param preserved whether the back end may see it
         */
        HeaderEdits requestEdits(boolean preserved);
    }

    /** A cookie of HAProxy, whose dates may be judged. */
    sealed interface Haproxy extends ForeignCookie permits HaproxyCookie {

        @Override
        Haproxy naming(Function<Backend, String> name);

        /** The same, worth nothing when it was last sent longer ago, as {@code maxidle} says; at least 1 s. */
        Haproxy maxIdle(Duration time);

        /** The same, worth nothing when it was first sent longer ago, as {@code maxlife} says; at least 1 s. */
        Haproxy maxLife(Duration time);
    }

    /**
     * nginx, {@code sticky cookie}: the MD5 digest of the server's address, {@code 10.0.0.1:80} or {@code [::1]:80}. A back end
     * that is known by a host name needs {@link #naming}: by such an address.
     */
    static ForeignCookie nginxSticky(String cookieName) {
        return new AddressedCookie(requireToken(cookieName), SocketAddresses::of, AddressNaming.MD5);
    }

    /** nginx, {@code sticky cookie} for servers with {@code route=}: that text, by default the back end's id. */
    static ForeignCookie nginxRoute(String cookieName) {
        return new AddressedCookie(requireToken(cookieName), AddressNaming::id, AddressNaming.PLAIN);
    }

    /** HAProxy, {@code cookie ... insert} or {@code rewrite}: the text of the server's {@code cookie}, by default its id. */
    static Haproxy haproxy(String cookieName) {
        return new HaproxyCookie(requireToken(cookieName), AddressNaming::id, AddressNaming.PLAIN, HaproxyCookie.DATES);
    }

    /**
     * HAProxy, {@code cookie ... prefix}: a cookie of the application whose value has the server's text and {@code ~} in
     * front. The back end sees it without that.
     */
    static ForeignCookie haproxyPrefix(String cookieName) {
        return new HaproxyCookie(
                requireToken(cookieName), AddressNaming::id, AddressNaming.PLAIN, HaproxyCookie.PREFIX);
    }

    /**
     * HAProxy, {@code cookie ... dynamic} with {@code dynamic-cookie-key}: a hash of the key and the server's address. A back
     * end that is known by a host name needs {@link #naming}: by its address, {@code 10.0.0.1:80} or {@code [::1]:80}.
     */
    static Haproxy haproxyDynamic(String cookieName, String key) {
        return new HaproxyCookie(
                requireToken(cookieName), SocketAddresses::of, AddressNaming.haproxyDynamic(key), HaproxyCookie.DATES);
    }

    /**
     * Envoy, {@code stateful_session} by cookie: the host's address, {@code 10.0.0.1:80} or {@code [::1]:80}, and a date. A date
     * that older Envoys took from a clock of their own is not judged. A back end that is known by a host name needs
     * {@link #naming}: by its address.
     */
    static ForeignCookie envoy(String cookieName) {
        return new AddressedCookie(
                requireToken(cookieName), SocketAddresses::of, AddressNaming.PLAIN, EnvoyValue::read);
    }

    /**
     * Traefik: a hash of the server's URL, in its present form and three older ones. By default the back end's URI; name it by
     * the URL as Traefik's configuration has it where that differs.
     */
    static ForeignCookie traefik(String cookieName) {
        return new AddressedCookie(
                requireToken(cookieName), backend -> Optional.of(backend.uri().toString()), AddressNaming.TRAEFIK);
    }

    /** The name that Traefik gives to the cookie of a service, {@code web@docker} for example, unless it is told another. */
    static String traefikDefaultName(String service) {
        return AddressNaming.traefikDefaultName(service);
    }

    /**
     * Caddy, {@code lb_policy cookie}: an HMAC of the upstream's dial address, {@code host:port}.
     *
     * @param secret as in the configuration; empty when there is none
     */
    static ForeignCookie caddy(String cookieName, String secret) {
        return new AddressedCookie(
                requireToken(cookieName),
                backend -> Optional.of(SocketAddresses.text(backend.host(), backend.port())),
                AddressNaming.caddy(secret));
    }

    private static String requireToken(String cookieName) {
        if (!Cookies.isToken(cookieName)) {
            throw new IllegalArgumentException(
                    "cookie name: \"" + cookieName.replaceAll("[^\\x20-\\x7e]", "?") + "\" (expected: an HTTP token)");
        }
        return cookieName;
    }
}
