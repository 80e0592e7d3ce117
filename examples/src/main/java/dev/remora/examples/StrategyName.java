package dev.remora.examples;

import dev.remora.strategy.Strategy;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The strategies that a flag may name. */
enum StrategyName {
    ROUND_ROBIN(false),
    RANDOM(false),
    LEAST_CONNECTIONS(false),
    POWER_OF_TWO_CHOICES(false),
    LEAST_RESPONSE_TIME(false),
    CONSISTENT_HASH(true),
    BOUNDED_LOAD_HASH(true),
    RENDEZVOUS_HASH(true),
    MAGLEV(true),
    NGINX_IP_HASH(false),
    NGINX_HASH(true),
    NGINX_CONSISTENT_HASH(true),
    HAPROXY_CONSISTENT_HASH(true),
    HAPROXY_SOURCE_HASH(false);

    /** What a flag says by default. */
    static final String DEFAULT = "power-of-two-choices";

    private final boolean keyed;

    StrategyName(boolean keyed) {
        this.keyed = keyed;
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
        return switch (this) {
            case ROUND_ROBIN -> Strategy.roundRobin();
            case RANDOM -> Strategy.random();
            case LEAST_CONNECTIONS -> Strategy.leastConnections();
            case POWER_OF_TWO_CHOICES -> Strategy.powerOfTwoChoices();
            case LEAST_RESPONSE_TIME -> Strategy.leastResponseTime();
            case CONSISTENT_HASH -> Strategy.consistentHash();
            case BOUNDED_LOAD_HASH -> Strategy.consistentHash().boundedLoad(1.25);
            case RENDEZVOUS_HASH -> Strategy.rendezvousHash();
            case MAGLEV -> Strategy.maglev();
            case NGINX_IP_HASH -> Strategy.nginxIpHash();
            case NGINX_HASH -> Strategy.nginxHash();
            case NGINX_CONSISTENT_HASH -> Strategy.nginxConsistentHash();
            case HAPROXY_CONSISTENT_HASH -> Strategy.haproxyConsistentHash();
            case HAPROXY_SOURCE_HASH -> Strategy.haproxySourceHash();
        };
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
