package dev.remora;

import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyFallback;
import dev.remora.exchange.NanoClock;
import dev.remora.guard.Credentials;
import dev.remora.guard.Guard;
import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthProbe;
import dev.remora.health.SlowStart;
import dev.remora.http.TrustedProxies;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import dev.remora.session.SessionMap;
import dev.remora.strategy.Strategy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * Configures a {@link LoadBalancer}. Only back ends must be given. {@link #build()} may be called again and makes
 * another balancer each time. Not thread-safe.
 */
public final class LoadBalancerBuilder {

    Optional<BackendSource> source = Optional.empty();
    Strategy strategy = Strategy.powerOfTwoChoices();
    Optional<AffinityRule> affinity = Optional.empty();
    Optional<StickyCookie> cookie = Optional.empty();
    Optional<SessionMap> sessions = Optional.empty();
    StickyFallback fallback = StickyFallback.REBIND;
    HealthPolicy health = HealthPolicy.maxFails(1, Duration.ofSeconds(10));
    double panicThreshold;
    Duration longestCoolDown = Duration.ofSeconds(60);
    InstantSource wallClock = InstantSource.system();
    Optional<HealthProbe> probe = Optional.empty();
    Optional<Executor> probeExecutor = Optional.empty();
    Optional<SlowStart> slowStart = Optional.empty();
    Optional<AgeLimit.Config> ageLimit = Optional.empty();
    Optional<Rebalance> rebalance = Optional.empty();
    Waiting waiting = Waiting.none();
    LoadLimits limits = LoadLimits.none();
    RetryBudget retryBudget = RetryBudget.defaults();
    TrustedProxies trustedProxies = TrustedProxies.none();
    final List<Guard> guards = new ArrayList<>();
    Optional<Credentials> credentials = Optional.empty();
    final List<BalancerListener> listeners = new ArrayList<>();
    NanoClock clock = NanoClock.system();
    RandomGenerator random = new ThreadRandom();
    Optional<ScheduledExecutorService> scheduler = Optional.empty();

    LoadBalancerBuilder() {}

    /** A list of back ends that never changes; {@link Backend#here()} alone if the application answers by itself. */
    public LoadBalancerBuilder backends(Backend... backends) {
        return backends(BackendSource.fixed(backends));
    }

    /** Back ends that come from a source, which may push new lists while traffic runs. */
    public LoadBalancerBuilder backends(BackendSource newSource) {
        this.source = Optional.of(newSource);
        return this;
    }

    /** Who serves a client that is not bound; {@link Strategy#powerOfTwoChoices()} by default. */
    public LoadBalancerBuilder strategy(Strategy newStrategy) {
        this.strategy = Objects.requireNonNull(newStrategy);
        return this;
    }

    /** Finds the key for hash strategies and session maps; no request has a key by default. */
    public LoadBalancerBuilder affinity(AffinityRule rule) {
        this.affinity = Optional.of(rule);
        return this;
    }

    /**
     * Ties clients to back ends by a cookie; none by default.
     *
     * @throws IllegalArgumentException if the cookie's settings do not go together
     */
    public LoadBalancerBuilder stickyCookie(StickyCookie newCookie) {
        this.cookie = Optional.of(newCookie.checked());
        return this;
    }

    /** Remembers which back end a key is bound to; nothing is remembered by default. Needs {@link #affinity}. */
    public LoadBalancerBuilder sessions(SessionMap map) {
        this.sessions = Optional.of(map);
        return this;
    }

    /** What happens when a client's back end cannot serve; {@link StickyFallback#REBIND} by default. */
    public LoadBalancerBuilder stickyFallback(StickyFallback newFallback) {
        this.fallback = Objects.requireNonNull(newFallback);
        return this;
    }

    /** Whether requests wait while back ends are only full; {@link Waiting#none()} by default. */
    public LoadBalancerBuilder waiting(Waiting newWaiting) {
        this.waiting = Objects.requireNonNull(newWaiting);
        return this;
    }

    /** The most that back ends get at once; {@link LoadLimits#none()} by default. */
    public LoadBalancerBuilder limits(LoadLimits newLimits) {
        this.limits = Objects.requireNonNull(newLimits);
        return this;
    }

    /** How many requests may be tried again; {@link RetryBudget#defaults()} by default. */
    public LoadBalancerBuilder retryBudget(RetryBudget newBudget) {
        this.retryBudget = Objects.requireNonNull(newBudget);
        return this;
    }

    /**
     * How outcomes make a back end unfit; by default as nginx does, {@link HealthPolicy#maxFails} with 1 failure and 10
     * seconds. When no member is fit, health is ignored ({@link #panicThreshold}).
     */
    public LoadBalancerBuilder health(HealthPolicy policy) {
        this.health = Objects.requireNonNull(policy);
        return this;
    }

    /**
     * The share of fit members below which health is ignored for clients that are not bound, because those few would drown
     * in the traffic of all; 0 to 1, by default 0: only when none is fit. Then the member that failed least recently
     * serves. A back end that drains is not taken in either case.
     */
    public LoadBalancerBuilder panicThreshold(double share) {
        this.panicThreshold = share;
        return this;
    }

    /**
     * For how long a back end that answers 429 or 503 with {@code Retry-After} is spared at most; 60 s by default, zero
     * for not at all, at most a year. Clients that are bound to it stay. It is not unfit, and the answer is no failure.
     * When all fit members want to be spared, none is.
     */
    public LoadBalancerBuilder coolDown(Duration longest) {
        this.longestCoolDown = Objects.requireNonNull(longest);
        return this;
    }

    /** Asks back ends whether they are fit; nobody asks by default. */
    public LoadBalancerBuilder healthProbe(HealthProbe newProbe) {
        this.probe = Optional.of(newProbe);
        return this;
    }

    /**
     * Runs what probes do that may wait, for example the lookup of a name; it is never shut down here. By default up to 16
     * threads of the balancer's own, which end when there is nothing to do.
     */
    public LoadBalancerBuilder probeExecutor(Executor executor) {
        this.probeExecutor = Optional.of(executor);
        return this;
    }

    /**
     * Lets back ends warm up: those that come later, from their first passed probe, or at once if nobody asks; and those
     * that were unfit, from when they are fit again. Never the members that the balancer begins with. Off by default.
     */
    public LoadBalancerBuilder slowStart(SlowStart newSlowStart) {
        this.slowStart = Optional.of(newSlowStart);
        return this;
    }

    /**
     * Asks streams politely to end ({@link EndRequest.Urgency#POLITE}) before they are older than this; never by default.
     * An answer that cannot be resumed goes on to its end. Each stream has a limit of its own, up to a tenth below. The
     * open streams are looked through for that at most once a second, on the balancer's scheduler.
     *
     * @param age above 0, at most 365 days
     */
    public LoadBalancerBuilder maxStreamAge(Duration age) {
        this.ageLimit = Optional.of(new AgeLimit.Config(age, Optional.empty()));
        return this;
    }

    /**
     * As {@link #maxStreamAge(Duration)}, and streams that have not followed so long after are ended for good
     * ({@link EndRequest.Urgency#NOW}), also in the middle of an answer.
     *
     * @param age above 0, at most 365 days
     * @param grace at least 0, at most 365 days
     */
    public LoadBalancerBuilder maxStreamAge(Duration age, Duration grace) {
        this.ageLimit = Optional.of(new AgeLimit.Config(age, Optional.of(grace)));
        return this;
    }

    /** Moves streams away from back ends that have more than their share; never by default. */
    public LoadBalancerBuilder rebalance(Rebalance plan) {
        this.rebalance = Optional.of(plan);
        return this;
    }

    /** Proxies in front of this gateway whose forwarding headers are believed; none by default. */
    public LoadBalancerBuilder trustedProxies(TrustedProxies proxies) {
        this.trustedProxies = Objects.requireNonNull(proxies);
        return this;
    }

    /** One more guard, asked after those that were added before. */
    public LoadBalancerBuilder guard(Guard guard) {
        guards.add(Objects.requireNonNull(guard));
        return this;
    }

    /** What this gateway shows to back ends to be let in; nothing by default. */
    public LoadBalancerBuilder credentials(Credentials newCredentials) {
        this.credentials = Optional.of(newCredentials);
        return this;
    }

    /** One more listener. */
    public LoadBalancerBuilder listener(BalancerListener listener) {
        listeners.add(Objects.requireNonNull(listener));
        return this;
    }

    /** The clock that latencies and fail timeouts are measured on; the JVM's by default. */
    public LoadBalancerBuilder clock(NanoClock newClock) {
        this.clock = Objects.requireNonNull(newClock);
        return this;
    }

    /** The time of day, for dates that back ends send; the system's by default. Nothing is measured on it. */
    public LoadBalancerBuilder wallClock(InstantSource newWallClock) {
        this.wallClock = Objects.requireNonNull(newWallClock);
        return this;
    }

    /**
     * Where chance comes from; by default the random source of each thread.
     *
     * @param generator thread-safe, as {@link java.util.Random} is
     */
    public LoadBalancerBuilder random(RandomGenerator generator) {
        this.random = Objects.requireNonNull(generator);
        return this;
    }

    /**
     * Runs what the balancer does beside the requests: it makes the pickers for a changed membership, and times the
     * probes, drains and limits. By default a thread of the balancer's own, which ends when there is nothing to do. One that
     * is given is never shut down here.
     */
    public LoadBalancerBuilder scheduler(ScheduledExecutorService newScheduler) {
        this.scheduler = Optional.of(newScheduler);
        return this;
    }

    /**
     * Makes a balancer, which begins to probe at once.
     *
     * @throws IllegalArgumentException if what was set does not fit together, as {@code name: value (expected: rule)}
     */
    public LoadBalancer build() {
        if (source.isEmpty()) {
            throw new IllegalArgumentException("backends: none (expected: backends(...) to be called)");
        }
        if (sessions.isPresent() && affinity.isEmpty()) {
            throw new IllegalArgumentException(
                    "affinity: none (expected: a rule that yields the keys of sessions(...))");
        }
        return new LoadBalancer(new Engine(this));
    }

    CoolDown coolDown() {
        return new CoolDown(longestCoolDown, wallClock);
    }
}
