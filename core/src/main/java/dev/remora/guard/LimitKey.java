package dev.remora.guard;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.RequestView;
import java.util.Optional;

/**
 * Whom a limit counts together. What a client can choose freely, an unverified token for example, is no key of a limit: it
 * would choose another one for each request. Thread-safe; does not block.
 */
@FunctionalInterface
public interface LimitKey {

    /**
     * The key of a request; nothing if it has none, and then the limit lets it pass.
     *
     * @param request read during this call only
     */
    Optional<String> of(RequestView request, Visitor visitor);

    /** All requests together. */
    static LimitKey everybody() {
        Optional<String> one = Optional.of("*");
        return (request, visitor) -> one;
    }

    /** The client's address behind trusted proxies; of IPv6 the first 64 bits, which is what one client gets. */
    static LimitKey clientAddress() {
        AffinityRule address = AffinityRule.clientAddress();
        return (request, visitor) -> address.key(request, visitor.origin()).map(key -> key.text());
    }

    /** Whom a guard before has recognised, by API key for example; the others have no key. */
    static LimitKey caller() {
        return (request, visitor) -> visitor.caller().map(Caller::label);
    }

    /** Whom a guard before has recognised, and of the others the address. */
    static LimitKey callerOrAddress() {
        LimitKey caller = caller();
        LimitKey address = clientAddress();
        return (request, visitor) ->
                caller.of(request, visitor).map(label -> "caller " + label).or(() -> address.of(request, visitor));
    }

    /** The value of a header that a trusted proxy in front sets, and that clients cannot; the others have no key. */
    static LimitKey header(String name) {
        return (request, visitor) -> request.header(name)
                .map(value -> AffinityKey.of(value).bounded().text());
    }
}
