package dev.remora.examples;

import dev.remora.LoadBalancerBuilder;
import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.guard.TokenBudget;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.Unit;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How much each client gets. */
final class LimitFlags {

    @Option(
            names = "--rate-limit",
            paramLabel = "N/TIME",
            converter = RateFlag.Converter.class,
            description = "So many requests of each client, as 60/1m or 100/1s,burst=40; more are refused with 429"
                    + " (default: no limit).")
    private Optional<RateFlag> requests = Optional.empty();

    @Option(
            names = "--token-limit",
            paramLabel = "N/TIME",
            converter = RateFlag.Converter.class,
            description =
                    "So many tokens of each client, of prompts and answers, as 100000/1h: an estimate is reserved,"
                            + " and what the answer took is settled when it ends (default: no limit).")
    private Optional<RateFlag> tokens = Optional.empty();

    @Option(
            names = "--stop-exhausted",
            description = "End an answer that takes more tokens than there are, with finish_reason length (default: it"
                    + " goes on, and the client waits longer for the next one).")
    private boolean stopExhausted;

    @Option(
            names = "--streams-per-client",
            paramLabel = "N",
            description = "So many open streams of each client; more are refused with 429 (default: no cap).")
    private Optional<Integer> streams = Optional.empty();

    /** Whether something is counted that gateways should count together. */
    boolean any() {
        return requests.isPresent() || tokens.isPresent();
    }

    void applyTo(LoadBalancerBuilder builder, ClientStore store) {
        LimitKey client = LimitKey.callerOrAddress();
        streams.ifPresent(max -> builder.guard(Guard.openStreams(client, max)));
        requests.ifPresent(rate -> builder.guard(Guard.rate(client, store.newLimiter(limit(Unit.REQUESTS, rate)))));
        if (stopExhausted && tokens.isEmpty()) {
            throw new IllegalArgumentException("stop-exhausted: given (expected: with --token-limit)");
        }
        tokens.ifPresent(rate -> {
            TokenBudget budget = TokenBudget.of(store.newLimiter(limit(Unit.TOKENS, rate)));
            builder.guard(Guard.tokens(client, stopExhausted ? budget.stoppingWhenExhausted() : budget));
        });
    }

    private static Limit limit(Unit unit, RateFlag rate) {
        return Limit.of(unit, rate.amount(), rate.per()).withBurst(rate.burst());
    }
}
