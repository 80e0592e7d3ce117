package dev.remora.affinity;

import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.ResponseView;
import java.util.Optional;
import java.util.function.Function;

/**
 * A key that the back end makes.
 *
 * @param sent where the client sends it
 * @param made where the back end tells it
 */
record IssuedKey(AffinityRule sent, Function<ResponseView, Optional<AffinityKey>> made) implements AffinityRule {

    @Override
    public Optional<AffinityKey> key(RequestView request, ClientOrigin origin) {
        return sent.key(request, origin);
    }

    @Override
    public Optional<AffinityKey> learned(ResponseView response) {
        return made.apply(response);
    }
}
