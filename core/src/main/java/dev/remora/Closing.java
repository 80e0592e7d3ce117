package dev.remora;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends several things, each of them whatever the others throw. */
final class Closing {

    private static final Logger log = LoggerFactory.getLogger(LoadBalancer.class);

    private Closing() {}

    static void inOrder(Runnable... steps) {
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                log.warn("something could not be closed; the rest is closed all the same", e);
            }
        }
    }
}
