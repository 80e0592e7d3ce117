package dev.remora.redis;

import dev.remora.exchange.Usage;
import dev.remora.ratelimit.Decision;
import java.util.concurrent.CompletableFuture;

/** A request that waits for what Redis says. Its caller may cancel it: then what it was granted is given back. */
final class Waiter extends CompletableFuture<Decision> {

    final String key;
    final Usage usage;

    Waiter(String key, Usage usage) {
        this.key = key;
        this.usage = usage;
    }
}
