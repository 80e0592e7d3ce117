package dev.remora.servlet;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the steps of one exchange one after the other, in the order in which they come, on the threads that bring them: what
 * an event loop is for a connection. Whoever comes while another thread is at work leaves its step to that one. No lock is
 * held while a step runs, and a step that brings another one does not nest. What steps write, later ones see.
 */
final class Serial implements Executor {

    private static final Logger log = LoggerFactory.getLogger(Serial.class);

    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
    // How many steps are not done yet; who raises it from 0 works until it is 0 again.
    private final AtomicInteger left = new AtomicInteger();
    private final Consumer<Throwable> failed;

    /** @param failed hears what a step throws, errors included, as a part of that step */
    Serial(Consumer<Throwable> failed) {
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
        } catch (RuntimeException | Error e) {
            tell(e);
        }
    }

    // The steps that wait are done whatever happens, or what is open would never end.
    private void tell(Throwable failure) {
        try {
            failed.accept(failure);
        } catch (RuntimeException | Error e) {
            log.error("the failure of a step could not be dealt with", e);
        }
    }
}
