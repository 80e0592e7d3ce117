package dev.remora.benchmarks;

/** Sees the events of a stream as they arrive, on the client's event loop. */
@FunctionalInterface
interface EventListener {

    /**
     * An event is there, whole.
     *
     * @param arrivedNanos {@link System#nanoTime()} when its last bytes had been read from the socket
     */
    void received(StampedEvent event, long arrivedNanos);
}
