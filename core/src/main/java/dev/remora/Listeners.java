package dev.remora;

import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all listeners, and keeps what they throw away from the traffic.
 *
 * @param room whose waiters look again when a back end's health has changed
 */
record Listeners(List<BalancerListener> all, WaitingRoom room) implements BalancerListener {

    private static final Logger log = LoggerFactory.getLogger(BalancerListener.class);

    Listeners {
        all = List.copyOf(all);
    }

    @Override
    public void picked(Backend backend, PickReason reason) {
        tell(listener -> listener.picked(backend, reason));
    }

    @Override
    public void refused(Refusal refusal) {
        tell(listener -> listener.refused(refusal));
    }

    @Override
    public void responded(Backend backend, int status, long waitedNanos) {
        tell(listener -> listener.responded(backend, status, waitedNanos));
    }

    @Override
    public void ended(Backend backend, Outcome outcome, long openNanos, long bytes, long events) {
        tell(listener -> listener.ended(backend, outcome, openNanos, bytes, events));
    }

    @Override
    public void healthChanged(BackendId backend, boolean fit) {
        tell(listener -> listener.healthChanged(backend, fit));
        room.changed();
    }

    @Override
    public void endRequested(Backend backend, EndRequest request) {
        tell(listener -> listener.endRequested(backend, request));
    }

    @Override
    public void drained(BackendId backend) {
        tell(listener -> listener.drained(backend));
    }

    @Override
    public void membershipChanged(long version, int size) {
        tell(listener -> listener.membershipChanged(version, size));
    }

    private void tell(Consumer<BalancerListener> event) {
        for (BalancerListener listener : all) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                log.warn("a listener threw; the traffic goes on", e);
            }
        }
    }
}
