package dev.remora.dns;

import dev.remora.exchange.NanoClock;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.pool.LastGoodList;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks up the same again and again, and pushes what has changed. Its scheduler's thread is its own. */
final class DnsFollower implements BackendSource.Subscription {

    private static final Logger log = LoggerFactory.getLogger(DnsSource.class);

    private final Lookup lookup;
    private final DnsSettings settings;
    private final ScheduledExecutorService scheduler;
    private final LastGoodList list;
    private final CountDownLatch answered = new CountDownLatch(1);

    // Owned by the scheduler's thread.
    private int failures;
    private boolean cut;

    DnsFollower(
            Lookup lookup, DnsSettings settings, ScheduledExecutorService scheduler, Consumer<List<Backend>> receiver) {
        this.lookup = lookup;
        this.settings = settings;
        this.scheduler = scheduler;
        this.list = new LastGoodList(lookup.toString(), receiver);
    }

    /** Returns with the first answer, or without one when it does not come in time. */
    void begin() {
        scheduler.execute(this::refresh);
        try {
            boolean inTime = answered.await(settings.firstWait().toNanos(), TimeUnit.NANOSECONDS);
            if (!inTime) {
                list.fail("no first answer within " + settings.firstWait());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            list.begin(List.of());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void refresh() {
        Duration wait = settings.minRefresh();
        try {
            wait = lookUp();
        } catch (InterruptedException e) {
            // Closed: the next one is refused.
        } catch (RuntimeException | Error e) {
            list.fail("an answer cannot be used: " + e);
        }
        answered.countDown();
        try {
            Future<?> unused = scheduler.schedule(this::refresh, wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closed.
        }
    }

    // Returns when to look again.
    private Duration lookUp() throws InterruptedException {
        Resolvers resolvers = new Resolvers(settings, NanoClock.system());
        try {
            Lookup.Found found = lookup.find(resolvers, settings);
            list.push(taken(found.backends()));
            failures = 0;
            return bounded(Duration.ofSeconds(found.ttlSeconds()));
        } catch (LookupFailed e) {
            list.fail(String.valueOf(e.getMessage()));
            resolvers.refresh();
            failures = Math.min(failures + 1, 30);
            return bounded(settings.minRefresh().multipliedBy(1L << (failures - 1)));
        }
    }

    // Sorted by id, each id once, so that two answers of the same records make the same list.
    private List<Backend> taken(List<Backend> backends) {
        Map<BackendId, Backend> sorted = new TreeMap<>();
        backends.forEach(backend -> sorted.putIfAbsent(backend.id(), backend));
        boolean tooMany = sorted.size() > settings.maxBackends();
        if (tooMany && !cut) {
            log.warn(
                    "{}: {} back ends (expected: at most {}); the rest is left out",
                    lookup,
                    sorted.size(),
                    settings.maxBackends());
        }
        cut = tooMany;
        return sorted.values().stream()
                .limit(settings.maxBackends())
                .map(settings.each())
                .toList();
    }

    private Duration bounded(Duration wait) {
        if (wait.compareTo(settings.minRefresh()) < 0) {
            return settings.minRefresh();
        }
        return wait.compareTo(settings.maxRefresh()) > 0 ? settings.maxRefresh() : wait;
    }

    @Override
    public void close() {
        list.close();
        scheduler.shutdownNow();
    }
}
