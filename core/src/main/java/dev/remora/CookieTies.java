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

    // Written only when the membership changes; a request reads it once.
    private volatile Foreign foreign;

    CookieTies(Optional<StickyCookie> cookie, StickyFallback fallback, RandomGenerator random) {
        this.cookie = cookie;
        this.fallback = fallback;
        this.random = random;
        this.foreign = new Foreign(List.of(), hidden(List.of()));
    }

    /**
     * The cookies of other proxies.
     *
     * @param requestEdits what keeps them, and ours, from the back ends
     */
    private record Foreign(List<ForeignReader> readers, HeaderEdits requestEdits) {}

    private record ForeignReader(ForeignCookie cookie, ForeignCookie.Reader reader) {
        ForeignReader updated(Snapshot members) {
            return new ForeignReader(cookie, cookie.updated(reader, members));
        }
    }

    /** Other proxies name the members in their own way. */
    void follow(Snapshot members) {
        if (cookie.isEmpty() || cookie.get().foreign().isEmpty()) {
            return;
        }
        List<ForeignReader> before = foreign.readers();
        List<ForeignReader> readers = before.isEmpty()
                ? cookie.get().foreign().stream()
                        .map(other -> new ForeignReader(other, other.reader(members)))
                        .toList()
                : before.stream().map(reader -> reader.updated(members)).toList();
        foreign = new Foreign(readers, hidden(readers));
    }

    private HeaderEdits hidden(List<ForeignReader> readers) {
        if (cookie.isEmpty()) {
            return HeaderEdits.none();
        }
        boolean preserved = cookie.get().isPreserved();
        List<HeaderEdits> edits = new ArrayList<>();
        if (!preserved) {
            edits.add(HeaderEdits.stripCookie(cookie.get().name()));
        }
        readers.forEach(other -> edits.add(other.reader().requestEdits(preserved)));
        return edits.size() == 1 ? edits.get(0) : HeaderEdits.all(edits.toArray(HeaderEdits[]::new));
    }

    Optional<Tie> read(RequestView request, ClientOrigin origin) {
        if (cookie.isEmpty()) {
            return Optional.empty();
        }
        Optional<Tie> own = cookie.get().read(request);
        List<ForeignReader> others = foreign.readers();
        return own.isPresent() || others.isEmpty() ? own : readForeign(others, request, origin);
    }

    // The cookies of other proxies tell back ends apart and not clients: those who look alike stay together, until each
    // has got a cookie of ours.
    private Optional<Tie> readForeign(List<ForeignReader> others, RequestView request, ClientOrigin origin) {
        long now = cookie.orElseThrow().now();
        List<String> cookies = request.headers("cookie");
        for (ForeignReader other : others) {
            Optional<BackendId> found = Cookies.find(
                    cookies,
                    other.cookie().cookieName(),
                    (header, from, to) -> other.reader().read(header, from, to, now));
            if (found.isPresent()) {
                String client = origin.address().getHostAddress()
                        + request.header("user-agent").orElse("");
                return Optional.of(new Tie(found.get(), AffinityKey.of(client).hash()));
            }
        }
        return Optional.empty();
    }

    /** The back end does not see the cookie, unless it is to. */
    HeaderEdits requestEdits() {
        return foreign.requestEdits();
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
        Tie tie = tie(attempt.tie, answering);
        // What the back end sets under our name ours replaces, or the client would lose its own.
        if (!backEndSetsIt && attempt.tie.filter(tie::equals).isPresent() && !ours.renews(tie)) {
            return HeaderEdits.none();
        }
        HeaderEdits set = HeaderEdits.setCookie(ours.name(), ours.setCookie(tie, attempt.secure));
        return attempt.reads && CacheControl.allowsSharedCaches(response)
                ? HeaderEdits.all(set, CacheControl.forThisClientOnly())
                : set;
    }

    // A number of its own for each client: whoever comes from another proxy had one only until now.
    private Tie tie(Optional<Tie> before, BackendId answering) {
        if (before.isEmpty()) {
            return new Tie(answering, random.nextLong());
        }
        Tie tie = before.get();
        if (tie.backend().equals(answering) || fallback == StickyFallback.SPILL) {
            return tie;
        }
        return tie.to(answering);
    }
}
