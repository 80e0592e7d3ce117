package dev.remora.dns;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Back ends that stand behind a DNS name, asked for again whenever the answer has become old.
 *
 * <pre>{@code
 * LoadBalancer.builder().backends(DnsSource.addresses("lobe.chat.svc.cluster.local", 3210))
 * }</pre>
 *
 * <p>That is all a headless service of Kubernetes needs: the names of its pods that are ready are in DNS, so one that is
 * not ready takes no new streams while its open ones go on. A pod that has another address is another back end.
 *
 * <p>A back end's id is {@code host@address:port}, with the name that was asked (cut with a digest if the id would pass
 * 128 characters), so the order of an answer means nothing; lists are sorted and an equal one is not pushed again. No
 * such name, an answer that is empty, an error, a timeout: each keeps the list before, is asked again after the shortest
 * refresh time, then after twice as long and so on up to the longest, and the log says why once.
 *
 * <p>Names are looked up by the system's resolvers and search path; the hosts file is not read. Truncated answers are
 * asked for again over TCP. Immutable and thread-safe; each subscription has a daemon thread of its own until it is
 * closed, and dnsjava has one for the whole JVM.
 */
public final class DnsSource implements BackendSource {

    private final Lookup lookup;
    private final DnsSettings settings;
    private final Supplier<ScheduledExecutorService> threads;

    DnsSource(Lookup lookup, DnsSettings settings, Supplier<ScheduledExecutorService> threads) {
        this.lookup = lookup;
        this.settings = settings;
        this.threads = threads;
    }

    /**
     * The addresses of a host, A and AAAA records.
     *
     * @param port where each of them listens, 1 to 65,535
     * @throws IllegalArgumentException if the name is not one, or the port is out of range
     */
    public static DnsSource addresses(String host, int port) {
        return new DnsSource(
                new AddressLookup(DnsNames.of("host", host), port), DnsSettings.DEFAULT, DnsSource::thread);
    }

    /**
     * The targets of a service, SRV records, as {@code _http._tcp.lobe.chat.svc.cluster.local}: each address of each
     * target, at the target's port. The weight of a record is the weight of its back ends, 1 where it says 0, which DNS
     * means to be rare. Its priority is read by {@link #priority}; without that strategy all are used alike. A target that
     * has no address is left out.
     *
     * @throws IllegalArgumentException if the name is not one
     */
    public static DnsSource services(String name) {
        return new DnsSource(new ServiceLookup(DnsNames.of("service", name)), DnsSettings.DEFAULT, DnsSource::thread);
    }

    /**
     * The priority that a back end's SRV record gave it, the lowest first, and 0 for any other back end; for {@code
     * Strategy.priority(DnsSource::priority, within)}.
     */
    public static int priority(Backend backend) {
        return Integer.parseInt(backend.metadata().getOrDefault(ServiceLookup.PRIORITY, "0"));
    }

    /**
     * A copy whose back ends are reached by {@code http} or {@code https}; {@code http} by default. With {@code https}
     * they are reached by address, so that their certificates have to name it.
     */
    public DnsSource scheme(String scheme) {
        return with(settings.withScheme(scheme));
    }

    /** A copy that takes these addresses; {@link AddressFamily#EITHER} by default. */
    public DnsSource family(AddressFamily family) {
        return with(settings.withFamily(family));
    }

    /**
     * A copy that asks again when the answer's time to live is over, but not before and not after these times, 10 ms to 1
     * day; 5 seconds and 1 minute by default.
     */
    public DnsSource refresh(Duration shortest, Duration longest) {
        return with(settings.withRefresh(shortest, longest));
    }

    /**
     * A copy that waits so long for an answer, 10 ms to 1 day; 2 seconds by default. Each resolver is asked twice. A
     * lookup ends in failure when it has taken ten times as long in all.
     */
    public DnsSource timeout(Duration timeout) {
        return with(settings.withTimeout(timeout));
    }

    /**
     * A copy whose subscribers wait at most so long for the first answer, up to 1 day; 5 seconds by default. If there is
     * none, or a bad one, the first list is empty, and the balancer refuses until DNS answers.
     */
    public DnsSource firstWait(Duration wait) {
        return with(settings.withFirstWait(wait));
    }

    /**
     * A copy that takes at most so many back ends of an answer, at least 1; 1000 by default. Those that are left out are
     * the last ones of the sorted list, the same ones in every gateway, and the log says so.
     */
    public DnsSource maxBackends(int max) {
        return with(settings.withMaxBackends(max));
    }

    /** A copy that asks this resolver and uses no search path; by default those of the system. */
    public DnsSource resolver(InetSocketAddress resolver) {
        return with(settings.withResolver(resolver));
    }

    /** A copy that gives each back end what DNS does not know, as {@code backend -> backend.withMaxStreams(8)}. */
    public DnsSource each(UnaryOperator<Backend> edit) {
        return with(settings.withEach(edit));
    }

    private DnsSource with(DnsSettings changed) {
        return new DnsSource(lookup, changed, threads);
    }

    /** The same, timed by another scheduler. */
    DnsSource on(Supplier<ScheduledExecutorService> other) {
        return new DnsSource(lookup, settings, other);
    }

    /** Begins to ask; returns when there is an answer, or when {@link #firstWait} is over. */
    @Override
    public Subscription subscribe(Consumer<List<Backend>> receiver) {
        DnsFollower follower = new DnsFollower(lookup, settings, threads.get(), receiver);
        follower.begin();
        return follower;
    }

    @Override
    public String toString() {
        return lookup.toString();
    }

    private static ScheduledExecutorService thread() {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "remora-dns");
            thread.setDaemon(true);
            return thread;
        });
    }
}
