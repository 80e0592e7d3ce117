package dev.remora.servlet;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs the steps of one exchange one after the other, in the order in which they come, on the threads that bring them: what
 * an event loop is for a connection. Whoever comes while another thread is at work leaves its step to that one. No lock is
 * held while a step runs, and a step that brings another one does not nest. What steps write, later ones see.
 */
final class Serial implements Executor {

    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
    // How many steps are not done yet; who raises it from 0 works until it is 0 again.
    private final AtomicInteger left = new AtomicInteger();
    private final Consumer<RuntimeException> failed;

    /** @param failed hears what a step throws, as a part of that step */
    Serial(Consumer<RuntimeException> failed) {
        this.failed = failed;
    }

    @Override
    public void execute(Runnable step) {
        steps.add(step);
        if (left.getAndIncrement() == 0) {
            do {
                run(steps.remove());
            } while (left.decrementAndGet() > 0);
        }
    }

    private void run(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failed.accept(e);
        }
    }
}
