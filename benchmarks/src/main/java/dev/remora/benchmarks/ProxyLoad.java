package dev.remora.benchmarks;

import java.net.InetSocketAddress;
import org.HdrHistogram.Histogram;

/** What passes through a proxy, always the same: a client, a back end, and how they talk. Not thread-safe. */
interface ProxyLoad extends AutoCloseable {

    /** What the costs are counted for: one of so many things that each round passes. */
    String unit();

    /** One sentence. */
    String description();

    InetSocketAddress backend();

    /**
     * One round.
     *
     * @return a value for each thing that passed: how long it took, in nanoseconds
     * @throws IllegalStateException if one is missing or damaged
     */
    Histogram run(InetSocketAddress target) throws Exception;

    @Override
    void close();
}
