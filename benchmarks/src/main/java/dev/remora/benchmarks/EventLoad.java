package dev.remora.benchmarks;

import java.net.InetSocketAddress;
import org.HdrHistogram.Histogram;

/** Event streams, open at once. */
final class EventLoad implements ProxyLoad {

    private final int streams;
    private final Script script;
    private final EventBackend backend;
    private final EventClient client = new EventClient();

    EventLoad(int streams, Script script) {
        this.streams = streams;
        this.script = script;
        this.backend = new EventBackend(script);
    }

    @Override
    public String unit() {
        return "event";
    }

    @Override
    public String description() {
        return streams + " event streams at once, each on a connection of its own, " + script.events()
                + " events of 60 bytes on each, one every "
                + script.gap().toMillis() + " ms. The opening and the end of a stream are shared out among its events.";
    }

    @Override
    public InetSocketAddress backend() {
        return backend.address();
    }

    @Override
    public Histogram run(InetSocketAddress target) throws Exception {
        return DelayRound.run(client, target, streams, script).delays();
    }

    @Override
    public void close() {
        client.close();
        backend.close();
    }
}
