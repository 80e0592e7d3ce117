package dev.remora.benchmarks;

import java.net.InetSocketAddress;

/** A reverse proxy that serves, on 127.0.0.1, in front of one back end. */
interface RunningProxy extends AutoCloseable {

    InetSocketAddress address();

    /** Stops it; what is still open is cut. */
    @Override
    void close();
}
