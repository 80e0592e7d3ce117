package dev.remora;

import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyCookie.Tie;
import dev.remora.affinity.StickyFallback;
import dev.remora.exchange.RequestView;
import dev.remora.http.HeaderEdits;
import dev.remora.pool.BackendId;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What the sticky cookie does to requests and responses; nothing when there is none. */
final class CookieTies {

    private final Optional<StickyCookie> cookie;
    private final StickyFallback fallback;
    private final RandomGenerator random;
    private final HeaderEdits requestEdits;

    CookieTies(Optional<StickyCookie> cookie, StickyFallback fallback, RandomGenerator random) {
        this.cookie = cookie;
        this.fallback = fallback;
        this.random = random;
        this.requestEdits = cookie.map(c -> HeaderEdits.stripCookie(c.name())).orElse(HeaderEdits.none());
    }

    Optional<Tie> read(RequestView request) {
        return cookie.isPresent() ? cookie.get().read(request) : Optional.empty();
    }

    /** The back end does not see the cookie. */
    HeaderEdits requestEdits() {
        return requestEdits;
    }

    /** The cookie that ties a client to the back end which answers, unless it is tied to it already. */
    HeaderEdits responseEdits(Attempt attempt, BackendId answering) {
        if (cookie.isEmpty() || isToStay(attempt.tie, answering)) {
            return HeaderEdits.none();
        }
        long session = attempt.tie.map(Tie::session).orElseGet(random::nextLong);
        return HeaderEdits.add("set-cookie", cookie.get().setCookie(new Tie(answering, session), attempt.secure));
    }

    private boolean isToStay(Optional<Tie> tie, BackendId answering) {
        return tie.isPresent() && (tie.get().backend().equals(answering) || fallback == StickyFallback.SPILL);
    }
}
