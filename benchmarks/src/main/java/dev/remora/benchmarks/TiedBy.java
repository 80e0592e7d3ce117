package dev.remora.benchmarks;

import dev.remora.LoadBalancerBuilder;
import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.StickyCookie;
import dev.remora.pool.Backend;
import dev.remora.session.SessionMap;
import dev.remora.strategy.Strategy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What ties the clients of {@link AcquireBenchmark} to their back ends. */
public enum TiedBy {
    /** Nothing: the less busy of two random back ends serves each request. */
    NOTHING {
        @Override
        LoadBalancerBuilder configure(LoadBalancerBuilder builder) {
            return builder;
        }
    },
    /** The consistent hash of the client's IPv4 address. */
    ADDRESS_HASH {
        @Override
        LoadBalancerBuilder configure(LoadBalancerBuilder builder) {
            return builder.affinity(AffinityRule.clientAddress()).strategy(Strategy.consistentHash());
        }
    },
    /** A signed cookie, which every request brings between two others; most were seen lately. */
    SIGNED_COOKIE {
        @Override
        LoadBalancerBuilder configure(LoadBalancerBuilder builder) {
            return builder.stickyCookie(COOKIE);
        }

        @Override
        List<String> cookies(Backend backend, long session) {
            String setCookie = COOKIE.setCookie(new StickyCookie.Tie(backend.id(), session), false);
            return List.of("theme=dark; " + setCookie.substring(0, setCookie.indexOf(';')) + "; lang=en");
        }
    },
    /** A signed cookie of one of so many clients that hardly any was seen lately: each signature is checked. */
    UNSEEN_COOKIE {
        @Override
        LoadBalancerBuilder configure(LoadBalancerBuilder builder) {
            return SIGNED_COOKIE.configure(builder);
        }

        @Override
        List<String> cookies(Backend backend, long session) {
            return SIGNED_COOKIE.cookies(backend, session);
        }

        @Override
        int clients() {
            return CROWD;
        }
    },
    /** A session map in this process that has room for all clients and knows them already. */
    SESSION_MAP {
        @Override
        LoadBalancerBuilder configure(LoadBalancerBuilder builder) {
            return builder.affinity(AffinityRule.header(SampleRequest.SESSION_HEADER))
                    .sessions(SessionMap.local(8L * REQUESTS, Duration.ofHours(1)));
        }
    };

    /** How many clients there are, as a rule; each has sent one request. */
    static final int REQUESTS = 1 << 14;

    // Eight times as many as a cookie remembers.
    private static final int CROWD = 1 << 18;

    private static final long SEED = 20_261_122;
    private static final StickyCookie COOKIE = StickyCookie.signedWith(new byte[32]);

    abstract LoadBalancerBuilder configure(LoadBalancerBuilder builder);

    /** How many clients there are: a power of two. */
    int clients() {
        return REQUESTS;
    }

    /** The cookies of a client that is tied to a back end. */
    List<String> cookies(Backend backend, long session) {
        return List.of();
    }

    /** One request of each client, the same ones in every run. */
    SampleRequest[] requests(List<Backend> backends) {
        SplittableRandom random = new SplittableRandom(SEED);
        return IntStream.range(0, clients())
                .mapToObj(i -> request(backends.get(random.nextInt(backends.size())), random))
                .toArray(SampleRequest[]::new);
    }

    private SampleRequest request(Backend backend, SplittableRandom random) {
        long session = random.nextLong();
        return new SampleRequest(cookies(backend, session), List.of(Long.toHexString(session)), address(random));
    }

    private static InetSocketAddress address(SplittableRandom random) {
        byte[] octets = {10, (byte) random.nextInt(256), (byte) random.nextInt(256), (byte) random.nextInt(256)};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(octets), 1024 + random.nextInt(60_000));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four octets are an address", e);
        }
    }
}
