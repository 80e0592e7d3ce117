package dev.remora;

import dev.remora.exchange.NanoClock;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Streams that are to be asked to end, each at an instant of its own. Those that are due are asked together, in steps of
 * {@link #STEP_NANOS}; there is a timer only while somebody is to be asked. Thread-safe; streams are asked on the
 * scheduler's thread and under no lock.
 */
final class Asks {

    static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final NanoClock clock;
    private final Timers timers;
    private final BiConsumer<StreamLease, EndRequest> ask;

    // Guarded by the monitor.
    private final PriorityQueue<Ask> waiting = new PriorityQueue<>();
    private boolean armed;
    private long armedFor;
    private boolean closed;

    Asks(NanoClock clock, Timers timers, BiConsumer<StreamLease, EndRequest> ask) {
        this.clock = clock;
        this.timers = timers;
        this.ask = ask;
    }

    /** Puts a question off until then. */
    synchronized void add(long dueNanos, StreamLease lease, EndRequest request) {
        if (!closed) {
            waiting.add(new Ask(dueNanos, lease, request));
            arm();
        }
    }

    /** Nobody is asked any more, except by a step that is under way. */
    synchronized void close() {
        closed = true;
        waiting.clear();
    }

    private void step(long timer) {
        for (Ask due : due(timer)) {
            ask.accept(due.lease, due.request);
        }
    }

    private synchronized List<Ask> due(long timer) {
        // A timer that an earlier one has overtaken finds less to do, and must not be followed by one of its own.
        armed &= timer != armedFor;
        long now = clock.nanos();
        List<Ask> due = new ArrayList<>();
        while (!waiting.isEmpty() && waiting.peek().dueNanos - now <= 0) {
            due.add(waiting.remove());
        }
        arm();
        return due;
    }

    private void arm() {
        Ask first = waiting.peek();
        if (first == null) {
            return;
        }
        long now = clock.nanos();
        long delay = Math.max(STEP_NANOS, first.dueNanos - now);
        long timer = now + delay;
        if (!armed || timer - armedFor < 0) {
            armed = true;
            armedFor = timer;
            timers.after(delay, () -> step(timer));
        }
    }

    private record Ask(long dueNanos, StreamLease lease, EndRequest request) implements Comparable<Ask> {
        @Override
        public int compareTo(Ask other) {
            return Long.signum(dueNanos - other.dueNanos);
        }
    }
}
