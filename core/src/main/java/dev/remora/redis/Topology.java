package dev.remora.redis;

import java.util.Optional;

/** Which master keeps which session. Thread-safe. */
interface Topology extends AutoCloseable {

    /** Begins to look for the masters. */
    void open();

    /** The master that keeps a key, as far as is known here. */
    Shard shardOf(String key);

    /**
     * The master that another one has named.
     *
     * @param address host and port
     */
    Optional<Shard> shardAt(String address);

    /** What is known here may be out of date: a master does not keep a key, or was lost. */
    void outdated();

    /** Whether all masters that are known have a link, and there is one at least. */
    boolean reachable();

    @Override
    void close();
}
