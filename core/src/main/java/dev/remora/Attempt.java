package dev.remora;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.StickyCookie.Tie;
import dev.remora.exchange.ClientOrigin;
import dev.remora.exchange.Outcome;
import dev.remora.pool.BackendId;
import dev.remora.session.Binding;
import dev.remora.strategy.PickContext;
import dev.remora.strategy.Picker;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the engine knows of one request, from its arrival to its last try on a back end. The request itself is not kept.
 * There is one for each stream that is open, so it is kept small: what few requests have is apart.
 *
 * <p>Owned by one thread at a time: first by the one that acquires, then by whoever ends the lease, which happens after
 * (the lease's state is what hands it over).
 */
final class Attempt implements PickContext {

    // Whom a pick may find.
    private static final byte NEW_CLIENT = 0;
    private static final byte BOUND_CLIENT = 1; // its own back end, also while that one drains softly
    private static final byte REBOUND_CLIENT = 2; // another back end, unless that one must shed bound clients itself
    private static final byte ANYONE = 3; // another back end, however loaded

    final Optional<AffinityKey> key;
    final Optional<Tie> tie;
    /** Whether the client speaks TLS. */
    final boolean secure;
    /** Whether it only reads, so that caches may keep the answer. */
    final boolean reads;

    private final Engine engine;
    private final InetAddress clientAddress;
    private @Nullable Extras extras;

    // Of the pick that is under way.
    private Generation generation = Generation.EMPTY;
    private byte aim;
    private boolean byHash;
    private boolean healthIgnored;
    private boolean coolingIgnored;
    private boolean sawCooling;
    private boolean sawFull;

    Attempt(Engine engine, ClientOrigin origin, boolean reads, Optional<AffinityKey> key, Optional<Tie> tie) {
        this.engine = engine;
        this.clientAddress = origin.address();
        this.secure = origin.secure();
        this.reads = reads;
        this.key = key;
        this.tie = tie;
    }

    Engine engine() {
        return engine;
    }

    /** What a session map says of the key. */
    Optional<Binding> binding() {
        return extras == null ? Optional.empty() : extras.binding;
    }

    void bind(Optional<Binding> found) {
        if (found.isPresent()) {
            extras().binding = found;
        }
    }

    /** The back end that the client is bound to, by cookie first. */
    @Nullable
    BackendId bound() {
        if (tie.isPresent()) {
            return tie.get().backend();
        }
        Optional<Binding> binding = binding();
        return binding.isPresent() ? binding.get().backend() : null;
    }

    /** From now on its back end is found by a hash of its key, as every gateway does that cannot ask for the binding. */
    void agreeByHash() {
        byHash = true;
    }

    boolean agreesByHash() {
        return byHash;
    }

    /** What the guards have granted; nothing if there are none. */
    @Nullable
    HeldPermits permits() {
        return extras == null ? null : extras.permits;
    }

    HeldPermits permitsToFill() {
        if (extras().permits == null) {
            extras().permits = new HeldPermits();
        }
        return extras().permits;
    }

    /** Gives back all that the guards granted. */
    void endPermits(Outcome outcome) {
        HeldPermits held = permits();
        if (held != null) {
            held.end(outcome);
        }
    }

    void markTried(BackendId id) {
        extras().tried.add(id);
    }

    boolean hasTried() {
        return extras != null && !extras.tried.isEmpty();
    }

    /** Begins a pick over the members of one generation. */
    void begin(Generation current) {
        generation = current;
        healthIgnored = false;
        coolingIgnored = false;
        sawCooling = false;
        sawFull = false;
    }

    /** The pick is over: a stream that is open for an hour must not keep the tables of its members alive. */
    void placed() {
        generation = Generation.EMPTY;
    }

    /** The generation that the last pick was made from. */
    Generation generation() {
        return generation;
    }

    void ignoreHealth() {
        healthIgnored = true;
    }

    void ignoreCooling() {
        coolingIgnored = true;
    }

    /** Whether a member was passed over only because it asks to be spared, and none only because it was full. */
    boolean allAreCooling() {
        return sawCooling && !sawFull;
    }

    /** Whether a member was passed over only because it had as many streams as it may. */
    boolean sawFull() {
        return sawFull;
    }

    /** A member was full when its turn came. */
    void metFull() {
        sawFull = true;
    }

    /**
     * Takes no place that somebody in a queue waits for who came before.
     *
     * @param ticket this request's; {@link WaitingRoom#NOBODY} to heed nobody
     */
    void queueBehind(long ticket) {
        if (extras != null || ticket != WaitingRoom.NOBODY) {
            extras().ticket = ticket;
        }
    }

    /** Picks for a client that is not bound. */
    int pickNew() {
        aim = NEW_CLIENT;
        return generation.picker().pick(this);
    }

    /** The member that failed longest ago, for a client that is not bound when none is fit. */
    int pickLeastRecentlyFailed() {
        aim = NEW_CLIENT;
        long now = engine.nanos();
        int best = Picker.NONE;
        // A failure noted a moment after the clock was read lies ahead of it.
        long longest = Long.MIN_VALUE;
        for (int i = 0; i < generation.size(); i++) {
            long calm = generation.node(i).health().sinceFailure(now);
            if (calm > longest && eligible(i)) {
                best = i;
                longest = calm;
            }
        }
        return best;
    }

    /** Picks the new back end of a client whose own cannot serve. */
    int pickInstead() {
        aim = REBOUND_CLIENT;
        int index = generation.rebinder().pick(this);
        if (index < 0) {
            aim = ANYONE;
            index = generation.rebinder().pick(this);
        }
        return index;
    }

    /** Whether the client's own back end may serve it: draining softly is no obstacle, but a strategy may bound its load. */
    boolean eligibleAsBound(int index) {
        aim = BOUND_CLIENT;
        return eligible(index) && generation.picker().keeps(this, index);
    }

    @Override
    public boolean eligible(int index) {
        LiveNode node = generation.node(index);
        if (extras != null && extras.tried.contains(node.backend().id())) {
            return false;
        }
        if (node.keepsOut(aim == BOUND_CLIENT)) {
            return false;
        }
        boolean spotless = node.health().spotless();
        if (!spotless && !healthIgnored && !engine.fit(node)) {
            return false;
        }
        if (!spotless && !coolingIgnored && aim != BOUND_CLIENT && isCooling(node)) {
            sawCooling = true;
            return false;
        }
        if (node.full() || isAwaited(node)) {
            sawFull = true;
            return false;
        }
        return aim != REBOUND_CLIENT || generation.picker().keeps(this, index);
    }

    private boolean isCooling(LiveNode node) {
        return node.health().cooling(engine.nanos());
    }

    private boolean isAwaited(LiveNode node) {
        return extras != null
                && extras.ticket != WaitingRoom.NOBODY
                && engine.room().isAwaited(node.backend().id(), extras.ticket, aim == BOUND_CLIENT);
    }

    @Override
    public boolean keyed() {
        return isRebinding() || key.isPresent();
    }

    // The session of a cookie stays the same while the back end changes, so all requests of a client agree on the next.
    @Override
    public long keyHash() {
        if (isRebinding() && tie.isPresent()) {
            return tie.get().session();
        }
        return key.isPresent() ? key.get().hash() : 0;
    }

    @Override
    public String key() {
        return key.isPresent() ? key.get().text() : "";
    }

    @Override
    public InetAddress clientAddress() {
        return clientAddress;
    }

    @Override
    public long randomBits() {
        return engine.randomBits();
    }

    @Override
    public long nanos() {
        return engine.nanos();
    }

    private boolean isRebinding() {
        return aim >= REBOUND_CLIENT;
    }

    private Extras extras() {
        if (extras == null) {
            extras = new Extras();
        }
        return extras;
    }

    /** What few requests have: permits of guards, back ends tried before, a binding of a session map, a ticket. */
    private static final class Extras {
        private @Nullable HeldPermits permits;
        private final Set<BackendId> tried = new HashSet<>(2);
        private Optional<Binding> binding = Optional.empty();
        private long ticket = WaitingRoom.NOBODY;
    }
}
