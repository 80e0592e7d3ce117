package dev.remora.examples;

import dev.remora.strategy.Strategy;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The strategies that a flag may name. */
enum StrategyName {
    ROUND_ROBIN(false, Strategy::roundRobin),
    RANDOM(false, Strategy::random),
    LEAST_CONNECTIONS(false, Strategy::leastConnections),
    POWER_OF_TWO_CHOICES(false, Strategy::powerOfTwoChoices),
    LEAST_RESPONSE_TIME(false, Strategy::leastResponseTime),
    CONSISTENT_HASH(true, Strategy::consistentHash),
    BOUNDED_LOAD_HASH(true, () -> Strategy.consistentHash().boundedLoad(1.25)),
    RENDEZVOUS_HASH(true, Strategy::rendezvousHash),
    MAGLEV(true, Strategy::maglev),
    NGINX_IP_HASH(false, Strategy::nginxIpHash),
    NGINX_HASH(true, Strategy::nginxHash),
    NGINX_CONSISTENT_HASH(true, Strategy::nginxConsistentHash),
    HAPROXY_CONSISTENT_HASH(true, Strategy::haproxyConsistentHash),
    HAPROXY_SOURCE_HASH(false, Strategy::haproxySourceHash);

    /** What a flag says by default. */
    static final String DEFAULT = "power-of-two-choices";

    private final boolean keyed;
    private final Supplier<Strategy> strategy;

    StrategyName(boolean keyed, Supplier<Strategy> strategy) {
        this.keyed = keyed;
        this.strategy = strategy;
    }

    /** @throws IllegalArgumentException when there is none of that name */
    static StrategyName of(String name) {
        return Arrays.stream(values())
                .filter(known -> known.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> wrong(name, known -> true));
    }

    /** @throws IllegalArgumentException when there is none of that name that does without a key */
    static StrategyName withoutKey(String name) {
        return Arrays.stream(values())
                .filter(known -> !known.keyed && known.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> wrong(name, known -> !known.keyed));
    }

    private static IllegalArgumentException wrong(String name, Predicate<StrategyName> expected) {
        String names = Arrays.stream(values())
                .filter(expected)
                .map(StrategyName::toString)
                .collect(Collectors.joining(", "));
        return new IllegalArgumentException("strategy: " + name + " (expected: one of " + names + ")");
    }

    Strategy strategy() {
        return strategy.get();
    }

    /** Whether it needs a key of the request. */
    boolean keyed() {
        return keyed;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
