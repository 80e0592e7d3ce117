package dev.remora.netty;

import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.exchange.RequestView;
import io.netty.channel.EventLoop;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Brings the balancer's answers, and its wishes, to the event loop that a request belongs to. */
final class Picks {

    private Picks() {}

    /**
     * Asks for a back end; the receiver is called before this returns, or later, in any case on the event loop: with the
     * pick, or with what a strategy or another part of the user's own threw.
     *
     * @return the question, to be cancelled by one who needs the answer no more: the receiver is not called then
     */
    static CompletableFuture<Pick> ask(
            LoadBalancer balancer,
            RequestView request,
            EventLoop loop,
            BiConsumer<@Nullable Pick, @Nullable Throwable> receiver) {
        CompletableFuture<Pick> pick = balancer.acquire(request, loop).toCompletableFuture();
        CompletableFuture<Pick> unused = pick.whenComplete((found, failure) -> {
            if (!(failure instanceof CancellationException)) {
                receiver.accept(found, failure);
            }
        });
        return pick;
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
