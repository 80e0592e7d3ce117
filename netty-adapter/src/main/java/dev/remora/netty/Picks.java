package dev.remora.netty;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.RequestView;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Brings the balancer's answers, and its wishes, to the event loop that a request belongs to. */
final class Picks {

    private Picks() {}

    /** Asks for a back end; the receiver is called before this returns, or later, in any case on the event loop. */
    static void ask(LoadBalancer balancer, RequestView request, EventLoop loop, Consumer<Pick> receiver) {
        CompletableFuture<Pick> pick = balancer.acquire(request).toCompletableFuture();
        Pick now = pick.getNow(null);
        if (now != null) {
            receiver.accept(now);
        } else {
            pick.thenAccept(late -> handOver(loop, late, receiver));
        }
    }

    private static void handOver(EventLoop loop, Pick pick, Consumer<Pick> receiver) {
        boolean accepted = execute(loop, () -> receiver.accept(pick));
        if (!accepted && pick instanceof Lease lease) {
            lease.complete(Outcome.cancelled());
        }
    }

    /**
     * Runs a task on the event loop, later.
     *
     * @return whether it will run; not when the loop is gone, and with it all connections
     */
    static boolean execute(EventLoop loop, Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
