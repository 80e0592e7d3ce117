package dev.remora.benchmarks;

import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Small requests on connections that are kept, each one sent when it is due. */
final class RequestLoad implements ProxyLoad {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final int connections;
    private final int requests;
    private final Duration gap;
    private final AnswerBackend backend = new AnswerBackend();
    private final Sockets sockets = new Sockets("bench-client");

    /**
     * A load.
     *
     * @param requests on each connection
     * @param gap from one request of a connection to the next
     */
    RequestLoad(int connections, int requests, Duration gap) {
        this.connections = connections;
        this.requests = requests;
        this.gap = gap;
    }

    @Override
    public String unit() {
        return "request";
    }

    @Override
    public String description() {
        return connections + " connections of clients that are kept, " + requests
                + " requests on each, with the head that a browser sends, one every " + gap.toMillis()
                + " ms, answered with " + AnswerBackend.BODY.length() + " bytes.";
    }

    @Override
    public InetSocketAddress backend() {
        return backend.address();
    }

    @Override
    public Histogram run(InetSocketAddress target) throws Exception {
        // Written by the client's one thread only, and read here after all connections have ended.
        Histogram delays = DelayRound.emptyHistogram();
        CompletableFuture<?>[] ended = IntStream.range(0, connections)
                .mapToObj(i -> open(target, gap.multipliedBy(i).dividedBy(connections), delays))
                .toArray(CompletableFuture[]::new);
        Duration longest = gap.multipliedBy(requests + 1L).plus(PATIENCE);
        CompletableFuture.allOf(ended).get(longest.toSeconds(), TimeUnit.SECONDS);
        return delays;
    }

    private CompletableFuture<Void> open(InetSocketAddress target, Duration phase, Histogram delays) {
        PacedConnection connection =
                new PacedConnection(requests, gap, phase, nanos -> delays.recordValue(DelayRound.bounded(nanos)));
        ChannelFuture connecting = sockets.connect(target, new HttpResponseDecoder(), connection);
        connecting.addListener(connected -> {
            if (!connected.isSuccess()) {
                connection.failed(connected.cause());
            }
        });
        return connection.ended();
    }

    @Override
    public void close() {
        sockets.close();
        backend.close();
    }
}
