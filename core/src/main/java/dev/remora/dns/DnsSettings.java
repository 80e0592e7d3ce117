package dev.remora.dns;

import dev.remora.pool.Backend;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What {@link DnsSource} is told; its methods say what each means. */
record DnsSettings(
        String scheme,
        AddressFamily family,
        Duration minRefresh,
        Duration maxRefresh,
        Duration timeout,
        Duration firstWait,
        int maxBackends,
        Optional<InetSocketAddress> resolver,
        UnaryOperator<Backend> each) {

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(1);

    static final DnsSettings DEFAULT = new DnsSettings(
            "http",
            AddressFamily.EITHER,
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            1000,
            Optional.empty(),
            UnaryOperator.identity());

    DnsSettings {
        Objects.requireNonNull(family, "family");
        Objects.requireNonNull(each, "each");
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("scheme: " + scheme + " (expected: http or https)");
        }
        require("min refresh", minRefresh, SHORTEST);
        require("max refresh", maxRefresh, minRefresh);
        require("timeout", timeout, SHORTEST);
        require("first wait", firstWait, Duration.ZERO);
        if (maxBackends < 1) {
            throw new IllegalArgumentException("max backends: " + maxBackends + " (expected: >= 1)");
        }
        if (resolver.isPresent() && resolver.get().isUnresolved()) {
            throw new IllegalArgumentException("resolver: " + resolver.get() + " (expected: an address)");
        }
    }

    private static void require(String name, Duration duration, Duration least) {
        if (duration.compareTo(least) < 0 || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + ": " + duration + " (expected: " + least + " to " + LONGEST + ")");
        }
    }

    DnsSettings withScheme(String newScheme) {
        return new DnsSettings(
                newScheme, family, minRefresh, maxRefresh, timeout, firstWait, maxBackends, resolver, each);
    }

    DnsSettings withFamily(AddressFamily newFamily) {
        return new DnsSettings(
                scheme, newFamily, minRefresh, maxRefresh, timeout, firstWait, maxBackends, resolver, each);
    }

    DnsSettings withRefresh(Duration shortest, Duration longest) {
        return new DnsSettings(scheme, family, shortest, longest, timeout, firstWait, maxBackends, resolver, each);
    }

    DnsSettings withTimeout(Duration newTimeout) {
        return new DnsSettings(
                scheme, family, minRefresh, maxRefresh, newTimeout, firstWait, maxBackends, resolver, each);
    }

    DnsSettings withFirstWait(Duration newWait) {
        return new DnsSettings(scheme, family, minRefresh, maxRefresh, timeout, newWait, maxBackends, resolver, each);
    }

    DnsSettings withMaxBackends(int newMax) {
        return new DnsSettings(scheme, family, minRefresh, maxRefresh, timeout, firstWait, newMax, resolver, each);
    }

    DnsSettings withResolver(InetSocketAddress newResolver) {
        return new DnsSettings(
                scheme,
                family,
                minRefresh,
                maxRefresh,
                timeout,
                firstWait,
                maxBackends,
                Optional.of(newResolver),
                each);
    }

    DnsSettings withEach(UnaryOperator<Backend> newEach) {
        return new DnsSettings(
                scheme, family, minRefresh, maxRefresh, timeout, firstWait, maxBackends, resolver, newEach);
    }
}
