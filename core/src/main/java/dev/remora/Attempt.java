package dev.remora;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.StickyCookie.Tie;
import dev.remora.exchange.ClientOrigin;
import dev.remora.guard.Admission.Permit;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.strategy.PickContext;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the engine knows of one request, from its arrival to its last try on a back end. The request itself is not kept.
 *
 * <p>Owned by one thread at a time: first by the one that acquires, then by whoever ends the lease, which happens after
 * (the lease's state is what hands it over).
 */
final class Attempt implements PickContext {

    final ClientOrigin origin;
    final Optional<AffinityKey> key;
    final Optional<Tie> tie;
    Optional<Binding> binding = Optional.empty();

    private final Engine engine;
    private List<Permit> permits = List.of();
    private Set<BackendId> tried = Set.of();

    // Of the pick that is under way.
    private Generation generation = Generation.EMPTY;
    private boolean healthIgnored;
    private boolean drainingAllowed;
    private boolean sawFull;
    private long keyHash;
    private boolean keyed;

    Attempt(Engine engine, ClientOrigin origin, Optional<AffinityKey> key, Optional<Tie> tie) {
        this.engine = engine;
        this.origin = origin;
        this.key = key;
        this.tie = tie;
    }

    /** The back end that the client is bound to, by cookie first. */
    Optional<BackendId> bound() {
        return tie.map(Tie::backend).or(() -> binding.map(Binding::backend));
    }

    void hold(Permit permit) {
        if (permits.isEmpty()) {
            permits = new ArrayList<>(2);
        }
        permits.add(permit);
    }

    /** Gives back all that the guards granted, the last one first. */
    void releasePermits() {
        List<Permit> held = permits;
        permits = List.of();
        for (int i = held.size() - 1; i >= 0; i--) {
            held.get(i).release();
        }
    }

    void markTried(BackendId id) {
        if (tried.isEmpty()) {
            tried = new HashSet<>(4);
        }
        tried.add(id);
    }

    boolean hasTried() {
        return !tried.isEmpty();
    }

    /** Begins a pick over the members of one generation. */
    void begin(Generation current) {
        generation = current;
        healthIgnored = false;
        sawFull = false;
    }

    /** The generation that the last pick was made from. */
    Generation generation() {
        return generation;
    }

    void ignoreHealth() {
        healthIgnored = true;
    }

    /** Whether a member was passed over only because it had as many streams as it may. */
    boolean sawFull() {
        return sawFull;
    }

    /** Picks for a client that is not bound. */
    int pickNew(Generation from) {
        keyed = key.isPresent();
        keyHash = keyed ? key.get().hash() : 0;
        drainingAllowed = false;
        return from.picker().pick(this);
    }

    /** Picks the new back end of a client whose own cannot serve. */
    int pickInstead(Generation from) {
        keyed = true;
        keyHash = tie.isPresent()
                ? tie.get().session()
                : key.map(AffinityKey::hash).orElse(0L);
        drainingAllowed = false;
        return from.rebinder().pick(this);
    }

    /** Whether the client's own back end may serve it: draining is no obstacle. */
    boolean eligibleAsBound(int index) {
        drainingAllowed = true;
        boolean eligible = eligible(index);
        drainingAllowed = false;
        return eligible;
    }

    @Override
    public boolean eligible(int index) {
        LiveNode node = generation.node(index);
        if (!tried.isEmpty() && tried.contains(node.backend().id())) {
            return false;
        }
        if (node.backend().draining() && !drainingAllowed) {
            return false;
        }
        if (!healthIgnored && !engine.fit(node)) {
            return false;
        }
        if (node.full()) {
            sawFull = true;
            return false;
        }
        return true;
    }

    @Override
    public boolean keyed() {
        return keyed;
    }

    @Override
    public long keyHash() {
        return keyHash;
    }

    @Override
    public String key() {
        return key.map(AffinityKey::text).orElse("");
    }

    @Override
    public InetAddress clientAddress() {
        return origin.address();
    }

    @Override
    public long randomBits() {
        return engine.randomBits();
    }

    @Override
    public long nanos() {
        return engine.nanos();
    }
}
