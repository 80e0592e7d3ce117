package dev.remora.wire;

import java.util.concurrent.CompletableFuture;

/**
 * What a test does beside its own steps, and may block at.
 *
 * <p>Each piece of work has a thread of its own. {@link CompletableFuture#runAsync(Runnable)} does not: since Java 25
 * it uses the common pool on every machine, and on two cores that is one thread, behind which such work queues.
 */
public final class Meanwhile {

    private Meanwhile() {}

    /** Begins a piece of work; what it throws completes the future. */
    public static CompletableFuture<Void> run(Runnable work) {
        return CompletableFuture.runAsync(work, task -> {
            Thread thread = new Thread(task, "meanwhile");
            thread.setDaemon(true);
            thread.start();
        });
    }
}
