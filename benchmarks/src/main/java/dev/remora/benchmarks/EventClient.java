package dev.remora.benchmarks;

import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;

/** A client on one event loop that reads any number of event streams, each on a connection of its own. */
final class EventClient implements AutoCloseable {

    private final Sockets sockets = new Sockets("bench-client");

    /** Sends a request; returns at once. */
    EventStream open(InetSocketAddress target, EventListener listener) {
        ArrivalClock clock = new ArrivalClock();
        EventStream stream = new EventStream(clock, listener);
        ChannelFuture connecting = sockets.connect(target, clock, stream);
        connecting.addListener(connected -> {
            if (!connected.isSuccess()) {
                stream.failed(connected.cause());
            }
        });
        return stream;
    }

    @Override
    public void close() {
        sockets.close();
    }
}
