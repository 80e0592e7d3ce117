package dev.remora.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthTracker.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens, never more members are out than may be. */
class EjectedShareTest {

    private static final double SHARE = 0.4;
    private static final int MOST_MEMBERS = 12;
    private static final OutlierDetection RULES = HealthPolicy.outlierDetection()
            .withLargestEjectedShare(SHARE)
            .withSuccessRate(1, 2, 5)
            .withFailureShare(0.5, 5)
            .withInterval(Duration.ofMillis(1_500));

    private static long ejected(List<HealthTracker> members) {
        return members.stream().filter(member -> !member.spotless()).count();
    }

    private static void stream(HealthTracker tracker, Random random, int goodness, long now) {
        Verdict verdict = Verdict.NONE;
        if (random.nextInt(10) > 0) {
            boolean failure = random.nextInt(10) >= goodness;
            tracker.responded(failure ? 502 : 200, failure, now);
            verdict = failure ? Verdict.BAD : Verdict.GOOD;
        }
        FailureKind[] kinds = FailureKind.values();
        switch (random.nextInt(4)) {
            case 0 -> tracker.ended(Outcome.failure(kinds[random.nextInt(kinds.length)]), verdict, now);
            case 1 -> tracker.ended(Outcome.cancelled(), verdict, now);
            case 2 -> tracker.stalled(now);
            default -> tracker.ended(Outcome.success(), verdict, now);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void underRandomOutcomesAndMembers(long seed) {
        Random random = new Random(seed);
        HealthMonitor monitor = RULES.monitor(random);
        List<HealthTracker> members = new ArrayList<>();
        long now = Long.MAX_VALUE - Duration.ofMinutes(2).toNanos();
        long everEjected = 0;
        for (int step = 0; step < 20_000; step++) {
            int chance = random.nextInt(100);
            if (chance == 0 && members.size() < MOST_MEMBERS) {
                members.add(monitor.tracker());
                monitor.members(List.copyOf(members));
            } else if (chance == 1 && !members.isEmpty()) {
                members.remove(random.nextInt(members.size()));
                monitor.members(List.copyOf(members));
            } else if (chance < 10) {
                now += random.nextInt(2_000) * 1_000_000L;
                monitor.evaluate(now);
            } else if (!members.isEmpty()) {
                int index = random.nextInt(members.size());
                stream(members.get(index), random, index, now);
            }
            assertThat(ejected(members)).isLessThanOrEqualTo((long) (SHARE * members.size()));
            everEjected += ejected(members);
        }
        assertThat(everEjected).as("the test means something").isPositive();
    }

    // Nobody returns, so that one reading after the other cannot count more than are out.
    @Test
    void whileOutcomesAreRecordedAtOnce() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 200; round++) {
                HealthMonitor monitor = RULES.withEjection(Duration.ofDays(1), Duration.ofDays(1))
                        .monitor(new Random(round));
                List<HealthTracker> members =
                        Stream.generate(monitor::tracker).limit(MOST_MEMBERS).toList();
                monitor.members(members);
                CyclicBarrier start = new CyclicBarrier(3);
                List<Future<Void>> recording = new ArrayList<>();
                for (int thread = 0; thread < 3; thread++) {
                    recording.add(executor.submit(recorder(monitor, members, new Random(thread), start)));
                }
                for (Future<Void> each : recording) {
                    each.get();
                }
                assertThat(ejected(members)).isEqualTo((long) (SHARE * MOST_MEMBERS));
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static Callable<Void> recorder(
            HealthMonitor monitor, List<HealthTracker> members, Random random, CyclicBarrier start) {
        return () -> {
            start.await();
            for (int i = 0; i < 500; i++) {
                stream(members.get(random.nextInt(members.size())), random, 2, i * 100_000_000L);
                if (random.nextInt(50) == 0) {
                    monitor.evaluate(i * 100_000_000L);
                }
                assertThat(ejected(members)).isLessThanOrEqualTo((long) (SHARE * members.size()));
            }
            return null;
        };
    }
}
