package dev.remora.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.exchange.FakeTime;
import dev.remora.exchange.NanoClock;
import dev.remora.wire.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BusyClockTest {

    private static final Duration TICK = Duration.ofNanos(BusyClock.TICK_NANOS);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final FakeTime time = new FakeTime();
    private final AtomicInteger readings = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final BusyClock clock = new BusyClock(
            () -> {
                readings.incrementAndGet();
                return time.nanos();
            },
            this::start);

    @AfterEach
    void end() throws Exception {
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join(PATIENCE.toMillis());
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void fewSeeTheTimeItself() {
        for (int i = 0; i < 20 * BusyClock.MANY; i++) {
            time.advance(TICK.dividedBy(BusyClock.MANY - 1));
            assertThat(clock.nanos()).isEqualTo(time.nanos());
        }
        assertThat(threads).isEmpty();
    }

    @Test
    void manySeeTheTimeThatWasNoted() {
        ask(2 * BusyClock.MANY);
        Eventually.holds("a time is noted", PATIENCE, this::isNoted);
        long before = time.nanos();
        time.advance(TICK.multipliedBy(7));
        assertThat(clock.nanos()).isBetween(before, time.nanos());
        Eventually.holds("the next is", PATIENCE, () -> clock.nanos() == time.nanos());
        time.advance(Duration.ofSeconds(40));
        Eventually.holds("beyond where it wraps around", PATIENCE, () -> clock.nanos() == time.nanos());
    }

    @Test
    void nothingRunsWhenFewAskAgain() {
        ask(2 * BusyClock.MANY);
        Eventually.holds("a time is noted", PATIENCE, this::isNoted);
        Eventually.holds("it ends", PATIENCE, () -> !threads.get(0).isAlive());
        fewSeeTheTimeItselfAfter(threads.size());
        ask(2 * BusyClock.MANY);
        assertThat(threads).as("many come again").hasSize(2);
    }

    @Test
    void itGoesOnWhileManyAsk() {
        long asked = 0;
        long start = System.nanoTime();
        while (System.nanoTime() - start < Duration.ofMillis(2_500).toNanos()) {
            ask(BusyClock.MANY);
            asked += BusyClock.MANY;
        }
        assertThat((long) readings.get()).isLessThan(asked / 10);
    }

    @Test
    void anInterruptedThreadLetsGo() throws Exception {
        ask(2 * BusyClock.MANY);
        Eventually.holds("a time is noted", PATIENCE, this::isNoted);
        end();
        fewSeeTheTimeItselfAfter(1);
    }

    @Test
    void withoutThreadsEveryoneSeesTheTimeItself() {
        AtomicInteger tries = new AtomicInteger();
        NanoClock alone = new BusyClock(time, ticks -> {
            tries.incrementAndGet();
            throw new OutOfMemoryError("unable to create native thread");
        });
        for (int i = 0; i < 10 * BusyClock.MANY; i++) {
            assertThat(alone.nanos()).isEqualTo(time.nanos());
        }
        assertThat(tries.get()).isOne();
    }

    @Test
    void itsThreadKeepsNothingOfWhoeverAsked() {
        Thread asking = Thread.currentThread();
        ClassLoader before = asking.getContextClassLoader();
        ClassLoader application = new ClassLoader(before) {};
        asking.setContextClassLoader(application);
        try {
            Eventually.holds(
                    "no thread of others", PATIENCE, () -> sharedThread().isEmpty());
            Eventually.holds("a thread", PATIENCE, () -> {
                for (int i = 0; i < 20 * BusyClock.MANY; i++) {
                    long unused = BusyClock.SHARED.nanos();
                }
                return sharedThread().isPresent();
            });
            assertThat(sharedThread().map(Thread::getContextClassLoader)).isNotEqualTo(Optional.of(application));
        } finally {
            asking.setContextClassLoader(before);
        }
    }

    private static Optional<Thread> sharedThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("remora-clock"))
                .findFirst();
    }

    @Test
    void aTimeIsNotNotedForEverWhenItsSourceFails() {
        AtomicInteger left = new AtomicInteger(1_000);
        BlockingQueue<Runnable> ticks = new LinkedBlockingQueue<>();
        NanoClock failing = new BusyClock(
                () -> {
                    if (left.decrementAndGet() == 0) {
                        throw new IllegalStateException("as if it were stopped");
                    }
                    return time.nanos();
                },
                ticks::add);
        while (ticks.isEmpty()) {
            long unused = failing.nanos();
        }
        left.set(3);
        assertThatThrownBy(ticks.remove()::run).isInstanceOf(IllegalStateException.class);
        time.advance(TICK);
        assertThat(failing.nanos()).isEqualTo(time.nanos());
    }

    private void fewSeeTheTimeItselfAfter(int started) {
        time.advance(TICK);
        assertThat(clock.nanos()).isEqualTo(time.nanos());
        assertThat(threads).hasSize(started);
    }

    private void ask(int times) {
        for (int i = 0; i < times; i++) {
            long unused = clock.nanos();
        }
    }

    // Whoever asks its source is counted; the thread that ticks may have been, too, but not each of many times.
    private boolean isNoted() {
        int before = readings.get();
        ask(BusyClock.MANY / 2);
        return readings.get() - before < BusyClock.MANY / 2;
    }

    private void start(Runnable ticks) {
        Thread thread = new Thread(ticks);
        threads.add(thread);
        thread.start();
    }
}
