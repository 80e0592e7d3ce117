package dev.remora.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SlabsTest {

    private static final long BURST = 64L * 64 * Slabs.STRIPES;

    private final Pace pace =
            new Pace(Limit.requests(1_000, Duration.ofSeconds(1)).withBurst(BURST));
    private final long keptBack = pace.units(pace.slabsNanos);
    private long now = 7;

    private Buckets crowded() {
        Buckets buckets = new Buckets("a", new Pace[] {pace}, now, now);
        buckets.handOutSlabs();
        return buckets;
    }

    private boolean take(Buckets buckets, long units) {
        return buckets.takePrepaid(units) || buckets.take(0, pace, pace.cost(units), now) == Buckets.TAKEN;
    }

    @Test
    void whatIsTakenInAdvanceNeedsNoClock() {
        Buckets buckets = crowded();
        assertThat(buckets.takePrepaid(1)).isFalse();
        assertThat(take(buckets, 1)).isTrue();
        for (int i = 1; i < pace.slab; i++) {
            assertThat(buckets.takePrepaid(1)).isTrue();
        }
        assertThat(buckets.takePrepaid(1)).isFalse();
    }

    @Test
    void allButWhatTheSlabsMayHoldIsThere() {
        Buckets buckets = crowded();
        long taken = 0;
        while (take(buckets, 1)) {
            taken++;
        }
        assertThat(taken).isEqualTo(BURST - keptBack);
        assertThat(buckets.waitNanos(0, pace, pace.cost(1), now)).isEqualTo(pace.cost(1));
        now += pace.cost(1);
        assertThat(take(buckets, 1)).isTrue();
    }

    @Test
    void whoWantsNearlyAllTakesTheSlabsBack() {
        Buckets buckets = crowded();
        assertThat(take(buckets, 1)).isTrue();
        assertThat(take(buckets, BURST)).as("one is missing").isFalse();
        now += pace.slabsNanos + pace.cost(1);
        assertThat(take(buckets, BURST)).isTrue();
        assertThat(take(buckets, 1)).isFalse();
    }

    @Test
    void aKeyWithUnitsInItsSlabsIsNotForgottenYet() {
        Buckets buckets = crowded();
        assertThat(take(buckets, 1)).isTrue();
        now += Duration.ofMinutes(10).toNanos();
        long used = 0;
        while (buckets.takePrepaid(1)) {
            used++;
        }
        assertThat(used).isEqualTo(pace.slab - 1);
        assertThat(buckets.forget(pace, now))
                .as("a fresh one would admit a whole burst beside those")
                .isFalse();
        assertThat(take(buckets, BURST)).isFalse();
        now += pace.slabsNanos;
        assertThat(buckets.forget(pace, now)).isTrue();
    }

    @Test
    void noStretchOfTimeAdmitsMoreThanWithoutSlabs() {
        record Admitted(long at, long units) {}
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            now = random.nextLong();
            long begin = now;
            Buckets buckets = crowded();
            Deque<Admitted> admitted = new ArrayDeque<>();
            for (int i = 0; i < 400; i++) {
                if (random.nextInt(20) == 0) {
                    now += random.nextLong(1 + pace.toleranceNanos);
                }
                if (random.nextInt(50) == 0) {
                    buckets.handOutSlabs();
                }
                long units =
                        random.nextInt(30) == 0 ? random.nextLong(1, BURST + 1) : random.nextLong(1, 2 * pace.slab);
                if (take(buckets, units)) {
                    admitted.addFirst(new Admitted(now - begin, units));
                }
                long sum = 0;
                for (Admitted one : admitted) {
                    sum += one.units();
                    assertThat(sum).isLessThanOrEqualTo(BURST + (now - begin - one.at()) / pace.cost(1));
                }
            }
        }
    }

    @Test
    void threadsTogetherTakeNoMoreThanThereIsAndHardlyLess() throws Exception {
        int threads = 8;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 300; round++) {
                Buckets buckets = crowded();
                CountDownLatch start = new CountDownLatch(threads);
                List<Future<Long>> running = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    running.add(pool.submit(() -> {
                        start.countDown();
                        start.await();
                        long taken = 0;
                        while (take(buckets, 1)) {
                            taken++;
                        }
                        return taken;
                    }));
                }
                long taken = 0;
                for (Future<Long> one : running) {
                    taken += one.get();
                }
                assertThat(taken).isBetween(BURST - 2 * keptBack, BURST);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aForgottenKeyHasNothingLeftInItsSlabs() {
        Buckets buckets = crowded();
        assertThat(take(buckets, 1)).isTrue();
        now += pace.toleranceNanos;
        assertThat(buckets.forget(pace, now)).isFalse();
        assertThat(buckets.takePrepaid(1)).isFalse();
        now += pace.slabsNanos;
        assertThat(buckets.forget(pace, now)).isTrue();
        assertThat(buckets.takePrepaid(1)).isFalse();
        assertThat(buckets.take(0, pace, pace.cost(1), now)).isEqualTo(Buckets.FORGOTTEN);
    }
}
