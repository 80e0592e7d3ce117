package dev.remora;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.ForeignCookie;
import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyCookie.Tie;
import dev.remora.affinity.StickyFallback;
import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.ResponseView;
import dev.remora.http.CacheControl;
import dev.remora.http.Cookies;
import dev.remora.http.HeaderEdits;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What the sticky cookie does to requests and responses; nothing when there is none. */
final class CookieTies {

    private final Optional<StickyCookie> cookie;
    private final StickyFallback fallback;
    private final RandomGenerator random;
    private final HeaderEdits requestEdits;

    // Written only when the membership changes; a request reads it once.
    private volatile List<ForeignReader> foreign = List.of();

    CookieTies(Optional<StickyCookie> cookie, StickyFallback fallback, RandomGenerator random) {
        this.cookie = cookie;
        this.fallback = fallback;
        this.random = random;
        this.requestEdits = cookie.map(CookieTies::hidden).orElse(HeaderEdits.none());
    }

    private record ForeignReader(String name, ForeignCookie.Reader reader) {}

    private static HeaderEdits hidden(StickyCookie cookie) {
        List<HeaderEdits> edits = new ArrayList<>();
        if (!cookie.isPreserved()) {
            edits.add(HeaderEdits.stripCookie(cookie.name()));
        }
        cookie.foreign().forEach(other -> edits.add(other.requestEdits(cookie.isPreserved())));
        return edits.size() == 1 ? edits.get(0) : HeaderEdits.all(edits.toArray(HeaderEdits[]::new));
    }

    /** Other proxies name the members in their own way. */
    void follow(Snapshot members) {
        foreign = cookie.map(StickyCookie::foreign).orElse(List.of()).stream()
                .map(other -> new ForeignReader(other.cookieName(), other.reader(members)))
                .toList();
    }

    Optional<Tie> read(RequestView request, ClientOrigin origin) {
        if (cookie.isEmpty()) {
            return Optional.empty();
        }
        Optional<Tie> own = cookie.get().read(request);
        List<ForeignReader> others = foreign;
        return own.isPresent() || others.isEmpty() ? own : readForeign(others, request, origin);
    }

    // The cookies of other proxies tell back ends apart and not clients: those who come from one address stay together.
    private Optional<Tie> readForeign(List<ForeignReader> others, RequestView request, ClientOrigin origin) {
        long now = cookie.orElseThrow().now();
        List<String> cookies = request.headers("cookie");
        for (ForeignReader other : others) {
            Optional<BackendId> found = Cookies.find(
                    cookies, other.name(), (header, from, to) -> other.reader().read(header, from, to, now));
            if (found.isPresent()) {
                long session = AffinityKey.of(origin.address().getHostAddress()).hash();
                return Optional.of(new Tie(found.get(), session));
            }
        }
        return Optional.empty();
    }

    /** The back end does not see the cookie, unless it is to. */
    HeaderEdits requestEdits() {
        return requestEdits;
    }

    /**
     * The cookie that ties a client to the back end which answers, unless it is tied to it already and the cookie is fresh.
     * With it the response is for that client alone.
     */
    HeaderEdits responseEdits(Attempt attempt, BackendId answering, ResponseView response) {
        if (cookie.isEmpty()) {
            return HeaderEdits.none();
        }
        StickyCookie ours = cookie.get();
        boolean backEndSetsIt = response.headers("set-cookie").stream().anyMatch(set -> Cookies.sets(set, ours.name()));
        if (backEndSetsIt && ours.isPreserved()) {
            return HeaderEdits.none();
        }
        HeaderEdits dropped = backEndSetsIt ? HeaderEdits.dropSetCookie(ours.name()) : HeaderEdits.none();
        if (!isToSend(ours, attempt.tie, answering)) {
            return dropped;
        }
        HeaderEdits set = HeaderEdits.add("set-cookie", ours.setCookie(tie(attempt.tie, answering), attempt.secure));
        boolean shared = attempt.reads && CacheControl.allowsSharedCaches(response);
        return HeaderEdits.all(dropped, set, shared ? CacheControl.forThisClientOnly() : HeaderEdits.none());
    }

    private boolean isToSend(StickyCookie ours, Optional<Tie> tie, BackendId answering) {
        if (tie.isEmpty()) {
            return true;
        }
        boolean stays = tie.get().backend().equals(answering);
        return stays ? ours.renews(tie.get()) : fallback != StickyFallback.SPILL;
    }

    private Tie tie(Optional<Tie> before, BackendId answering) {
        if (before.isEmpty()) {
            return new Tie(answering, random.nextLong());
        }
        Tie tie = before.get();
        return tie.backend().equals(answering) ? tie : new Tie(answering, tie.session());
    }
}
