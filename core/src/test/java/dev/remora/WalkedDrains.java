package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.BalancerStats.BackendStats;
import dev.remora.BalancerStats.Status;
import dev.remora.Draining.Phase;
import dev.remora.exchange.FakeTime;
import dev.remora.pool.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The drains and the age limit of a random walk, with a plain model of what they must have led to. */
final class WalkedDrains {

    static final Duration AGE = Duration.ofSeconds(40);
    static final Duration GRACE = Duration.ofSeconds(10);

    private static final long LOOK_NANOS = Duration.ofMillis(1_100).toNanos();

    private final FakeTime time;
    // By id and address: the same id at another address is another back end.
    private final Map<String, Draining> runs = new HashMap<>();
    private final Map<Lease, Long> listening = new HashMap<>();
    private final Set<Lease> resumable = new HashSet<>();

    // Wishes that hid the age limit may have been taken back then.
    private long withdrawnAt;

    WalkedDrains(FakeTime time) {
        this.time = time;
        this.withdrawnAt = time.nanos();
    }

    void drain(LoadBalancer balancer, Backend backend, Random random) {
        Duration soft = Duration.ofMillis(random.nextInt(3_000));
        Drain plan = Drain.softly(soft).until(soft.plusMillis(random.nextInt(10_000)));
        Draining before = runs.get(key(backend));
        Draining run = balancer.drain(backend.id(), plan);
        if (before != null) {
            assertThat(before.phase()).isEqualTo(Phase.REPLACED);
        }
        runs.put(key(backend), run);
        withdrawnAt = time.nanos();
    }

    void cancel(Random random) {
        if (!runs.isEmpty()) {
            String key = new ArrayList<>(runs.keySet()).get(random.nextInt(runs.size()));
            assertThat(runs.remove(key).cancel()).isTrue();
            withdrawnAt = time.nanos();
        }
    }

    void cancelAll() {
        runs.values().forEach(Draining::cancel);
        runs.clear();
    }

    /** A stream was opened; most of them listen, some can be resumed. */
    void opened(Lease lease, Random random) {
        assertThat(inForce(lease.backend())).as("a drain keeps new clients out").isFalse();
        if (random.nextInt(5) > 0) {
            listening.put(lease, time.nanos());
            lease.onEndRequested(request ->
                    assertThat(listening).as("only who is open is asked").containsKey(lease));
        }
        if (random.nextBoolean()) {
            lease.markResumable();
            resumable.add(lease);
        }
    }

    void ended(Lease lease) {
        listening.remove(lease);
        resumable.remove(lease);
    }

    void check(BalancerStats stats, Engine engine, List<Lease> open) {
        Set<String> members = new HashSet<>();
        for (BackendStats member : stats.backends()) {
            members.add(key(member.backend()));
            boolean drains = inForce(member.backend()) || member.backend().draining();
            assertThat(member.status()).isNotEqualTo(drains ? Status.READY : Status.DRAINING);
        }
        Map.copyOf(runs).forEach((key, run) -> check(key, run, open, members));
        listening.forEach(this::check);
        Set<Lease> watched = new HashSet<>();
        engine.ends().openStreams().forEachListening(lease -> {
            watched.add(lease);
        });
        engine.ends().openStreams().forEach(lease -> {
            assertThat(lease.ended()).as("kept after its end").isFalse();
        });
        assertThat(watched).as("the registry holds who is open and listens").isEqualTo(listening.keySet());
    }

    private void check(String key, Draining run, List<Lease> open, Set<String> members) {
        long mine =
                open.stream().filter(lease -> key(lease.backend()).equals(key)).count();
        assertThat(run.openStreams()).isEqualTo(mine);
        assertThat(run.phase() == Phase.EMPTY).isEqualTo(mine == 0);
        assertThat(run.empty().toCompletableFuture().isDone()).isEqualTo(mine == 0);
        if (mine == 0 && !members.contains(key)) {
            assertThat(run.cancel()).as("its back end is gone").isFalse();
            runs.remove(key);
        }
    }

    private void check(Lease lease, long openedAt) {
        EndRequest wish = lease.endRequest().orElse(null);
        boolean forGood = wish != null && wish.urgency() == EndRequest.Urgency.NOW;
        Draining run = runs.get(key(lease.backend()));
        Phase phase = run == null ? Phase.CANCELLED : run.phase();
        if (phase == Phase.OVERDUE) {
            assertThat(forGood).as("asked at the hard deadline").isTrue();
        }
        if (wish != null && wish.reason() == EndRequest.Reason.DRAIN) {
            assertThat(phase).as("a wish without a drain").isIn(Phase.CLOSING, Phase.OVERDUE);
        }
        if (wish != null && wish.reason() == EndRequest.Reason.REBALANCE) {
            assertThat(resumable).contains(lease);
            assertThat(forGood).isFalse();
        }
        if (time.nanos() - withdrawnAt <= LOOK_NANOS) {
            return;
        }
        long age = time.nanos() - openedAt;
        if (age > AGE.toNanos() + LOOK_NANOS) {
            assertThat(wish).as("too old").isNotNull();
        }
        if (age > AGE.plus(GRACE).toNanos() + LOOK_NANOS) {
            assertThat(forGood).as("much too old").isTrue();
        }
    }

    private boolean inForce(Backend backend) {
        return runs.containsKey(key(backend));
    }

    private static String key(Backend backend) {
        return backend.id() + " " + backend.uri();
    }
}
