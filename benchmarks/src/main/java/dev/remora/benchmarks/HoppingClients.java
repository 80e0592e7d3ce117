package dev.remora.benchmarks;

import dev.remora.Lease;
import dev.remora.Pick;
import dev.remora.exchange.Outcome;
import dev.remora.pool.BackendId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Clients that come back to any of four gateways, together 2,000 times a second, on a thread of their own. Of ten requests
 * eight are of sessions that all gateways know, one is of a new session, and one of a session that was new lately. A stream
 * ends as soon as it has got its place.
 */
final class HoppingClients implements AutoCloseable {

    static final int RATE = 2_000;
    static final int KNOWN = 1_000;

    private static final long GAP_NANOS = TimeUnit.SECONDS.toNanos(1) / RATE;
    private static final long AGREEMENT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final String KNOWN_NAME = "known-";
    private static final int FRESH_AT_ONCE = 512;
    private static final long SEED = 20_261_124;

    private final SharedGateways gateways;
    private final Map<String, BackendId> last = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final Thread thread = new Thread(this::send, "bench-clients");

    private volatile Tally tally = new Tally();
    private volatile boolean closed;

    /** Introduces the known sessions to all gateways; nobody comes back before {@link #start}. */
    HoppingClients(SharedGateways gateways) {
        this.gateways = gateways;
        for (int gateway = 0; gateway < SharedGateways.COUNT; gateway++) {
            for (int i = 0; i < KNOWN; i++) {
                ask(gateway, known(i));
                awaitAnswers();
            }
        }
        Patience.until("the gateways agree", () -> gateways.agree(last.keySet()));
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** What happens from now on, apart from requests that are under way. */
    Tally begin() {
        Tally fresh = new Tally();
        tally = fresh;
        return fresh;
    }

    private void send() {
        SplittableRandom random = new SplittableRandom(SEED);
        String[] fresh = new String[FRESH_AT_ONCE];
        long due = System.nanoTime();
        for (int i = 0, made = 0; !closed; i++) {
            if (i % 10 == 0) {
                fresh[made % FRESH_AT_ONCE] = "new-" + made;
                ask(random.nextInt(SharedGateways.COUNT), fresh[made % FRESH_AT_ONCE]);
                made++;
            } else {
                String session = i % 10 == 5
                        ? fresh[random.nextInt(Math.min(made, FRESH_AT_ONCE))]
                        : known(random.nextInt(KNOWN));
                ask(random.nextInt(SharedGateways.COUNT), session);
            }
            due += GAP_NANOS;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private static String known(int number) {
        return KNOWN_NAME + number;
    }

    private void ask(int gateway, String session) {
        Tally now = tally;
        open.incrementAndGet();
        long start = System.nanoTime();
        gateways.acquire(gateway, session).whenComplete((pick, failure) -> {
            now.waits.recordValue(System.nanoTime() - start);
            note(now, session, pick);
            open.decrementAndGet();
        });
    }

    // When it has failed there is no pick.
    private void note(Tally now, String session, Pick pick) {
        if (!(pick instanceof Lease lease)) {
            now.failed.increment();
            return;
        }
        BackendId place = lease.backend().id();
        BackendId before = last.put(session, place);
        lease.complete(Outcome.success());
        if (before != null && !before.equals(place)) {
            if (session.startsWith(KNOWN_NAME)) {
                now.movesOfKnown.increment();
            } else {
                now.movesOfOthers.merge(session, 1, Integer::sum);
            }
        }
    }

    /** All sessions that were ever seen. */
    Set<String> sessions() {
        return last.keySet();
    }

    /** Nobody comes any more; returns when all have got an answer. */
    void stop() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        awaitAnswers();
    }

    /**
     * On how many of all sessions the gateways do not agree when each is asked; after the {@link #stop}. What was decided last
     * may still be on its way between them, so they are asked again for a while.
     */
    long disagreements() {
        long start = System.nanoTime();
        long count = disagreementsNow();
        while (count > 0 && System.nanoTime() - start < AGREEMENT_NANOS) {
            LockSupport.parkNanos(PAUSE_NANOS);
            count = disagreementsNow();
        }
        return count;
    }

    private long disagreementsNow() {
        return List.copyOf(last.keySet()).stream()
                .filter(session -> IntStream.range(0, SharedGateways.COUNT)
                                .mapToObj(gateway -> place(gateway, session))
                                .distinct()
                                .count()
                        > 1)
                .count();
    }

    private String place(int gateway, String session) {
        Pick pick = gateways.acquire(gateway, session).toCompletableFuture().join();
        if (pick instanceof Lease lease) {
            lease.complete(Outcome.success());
            return lease.backend().id().value();
        }
        return String.valueOf(pick);
    }

    private void awaitAnswers() {
        Patience.until("all requests are answered", () -> open.get() == 0);
    }

    @Override
    public void close() {
        closed = true;
    }
}
