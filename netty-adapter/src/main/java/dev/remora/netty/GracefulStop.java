package dev.remora.netty;

import dev.remora.EndRequest;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a gateway: idle connections first and the listener, then streams, then back ends, then threads. Connections
 * are told before the listener is closed: who finds the port closed knows that every answer from now on is the last one
 * of its connection.
 */
final class GracefulStop {

    private static final Logger log = LoggerFactory.getLogger(GracefulStop.class);
    // After the cut: the time that a cut connection may take to send what it has.
    private static final Duration CUT_TIME = Duration.ofSeconds(6);

    // Goodbyes are spread over so much of the patience: the rest is for those that take their time.
    private static final double SPREAD = 0.8;
    private static final int GOING_AWAY = 1001;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final EndRequest POLITELY = wish(EndRequest.Urgency.POLITE);
    private static final EndRequest NOW = wish(EndRequest.Urgency.NOW);

    private static final Duration LONGEST = Duration.ofDays(365);

    private final Channel listener;
    private final ClientChannels clients;
    private final ReverseProxy proxy;
    private final EventLoopGroup loops;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    GracefulStop(Channel listener, ClientChannels clients, ReverseProxy proxy, EventLoopGroup loops) {
        this.listener = listener;
        this.clients = clients;
        this.proxy = proxy;
        this.loops = loops;
    }

    CompletionStage<Void> begin(Duration patience) {
        if (patience.isNegative() || patience.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("patience: " + patience + " (expected: 0 to 365 days)");
        }
        if (begun.compareAndSet(false, true)) {
            log.info("stopping within {}, {} streams are open", patience, proxy.openStreams());
            clients.refuse();
            clients.tell(ClientConnection.STOP);
            listener.close().addListener(closed -> clients.whenEmpty().thenRun(this::endThreads));
        }
        clients.forEach(client -> endPolitely(client, patience));
        later(this::cut, patience);
        return stopped.minimalCompletionStage();
    }

    private static EndRequest wish(EndRequest.Urgency urgency) {
        return new EndRequest(EndRequest.Reason.SHUTDOWN, urgency, GOING_AWAY, RETRY_AFTER);
    }

    // Each at a moment of its own, so that their clients do not come back to the next gateway all at once.
    private void endPolitely(Channel client, Duration patience) {
        long delay = (long) (patience.toNanos() * SPREAD * proxy.random().nextDouble());
        Runnable goodbye = () -> client.pipeline().fireUserEventTriggered(POLITELY);
        try {
            Future<?> task = client.eventLoop().schedule(goodbye, delay, TimeUnit.NANOSECONDS);
            client.closeFuture().addListener(closed -> task.cancel(false));
        } catch (RejectedExecutionException e) {
            log.debug("the threads have ended already");
        }
    }

    private void cut() {
        clients.tell(NOW);
        later(clients::close, CUT_TIME);
    }

    private void later(Runnable step, Duration delay) {
        try {
            loops.schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("the threads have ended already");
        }
    }

    private void endThreads() {
        proxy.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).addListener(ended -> {
            log.info("stopped");
            stopped.complete(null);
        });
    }
}
