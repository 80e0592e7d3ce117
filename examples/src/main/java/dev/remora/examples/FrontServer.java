package dev.remora.examples;

import dev.remora.LoadBalancer;
import dev.remora.examples.demo.DemoSite;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What listens and relays: a server on Netty, or a servlet container. Thread-safe. */
interface FrontServer {

    /** The port that it listens on. */
    int port();

    /**
     * Stops gracefully: nothing new is accepted, open streams are asked to end and may finish, and what is left after the
     * patience is broken visibly. Stopping again, with less patience, is allowed.
     *
     * @return completes when all is over
     */
    CompletionStage<Void> stop(Duration patience);

    /** What starts servers of one kind. */
    @FunctionalInterface
    interface Kind {

        /**
         * Starts one; returns when it listens.
         *
         * @param balancer picks the back ends
         * @param site what is served before anything is relayed, if there is a demo
         * @throws IllegalArgumentException when a flag is wrong
         * @throws IllegalStateException when it cannot listen
         */
        FrontServer start(FrontSettings settings, LoadBalancer balancer, Optional<DemoSite> site);
    }
}
