package dev.remora.benchmarks;

import dev.remora.BalancerStats;
import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A balancer under load: every client is known to it, and streams are open on its back ends, so that a strategy has
 * something to compare. Thread-safe.
 */
final class BusyPool implements AutoCloseable {

    private static final int STANDING_STREAMS_PER_BACKEND = 8;

    private final LoadBalancer balancer;
    private final SampleRequest[] requests;
    private final List<Lease> standing = new ArrayList<>();

    BusyPool(TiedBy tiedBy, int size) {
        List<Backend> backends = IntStream.range(0, size)
                .mapToObj(i -> Backend.of("backend-" + i, "http://127.0.0.1:" + (20_000 + i)))
                .toList();
        balancer = tiedBy.configure(LoadBalancer.builder().backends(BackendSource.fixed(backends)))
                .build();
        requests = tiedBy.requests(backends);
        for (SampleRequest request : requests) {
            acquire(request).complete(Outcome.success());
        }
        for (int i = 0; i < size * STANDING_STREAMS_PER_BACKEND; i++) {
            standing.add(acquire(requests[i]));
        }
    }

    SampleRequest request(int index) {
        return requests[index & (requests.length - 1)];
    }

    /** A lease for a request; in this pool none is ever refused. */
    Lease acquire(SampleRequest request) {
        Pick pick = balancer.tryAcquire(request);
        if (pick instanceof Lease lease) {
            return lease;
        }
        throw new IllegalStateException("pick: " + pick + " (expected: a lease)");
    }

    BalancerStats stats() {
        return balancer.stats();
    }

    /**
     * Ends the standing streams.
     *
     * @throws IllegalStateException if any other stream is still open: then what was measured is wrong
     */
    @Override
    public void close() {
        standing.forEach(lease -> lease.complete(Outcome.success()));
        long open = balancer.stats().openStreams();
        balancer.close();
        if (open != 0) {
            throw new IllegalStateException("open streams: " + open + " (expected: 0)");
        }
    }
}
