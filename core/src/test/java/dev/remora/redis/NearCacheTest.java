package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import dev.remora.redis.Remembered.Times;
import dev.remora.session.Binding;
import dev.remora.session.Retention;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearCacheTest {

    private static final AffinityKey KEY = AffinityKey.of("session");
    private static final long TICK = Duration.ofSeconds(1).toNanos();
    private static final int IDLE_TICKS = 100;
    private static final int TOUCH_TICKS = 6;

    private final NearCache cache = new NearCache(Retention.idle(Duration.ofSeconds(IDLE_TICKS)), TICK, TOUCH_TICKS);

    private Remembered remember() {
        Tie tie = new Tie(new Binding(new BackendId("a"), 1), 0, 0);
        return cache.update(
                KEY, before -> new Remembered(tie, "name", Vouch.none(), Times.untilTold(cache.now() + TOUCH_TICKS)));
    }

    private void pass(int ticks) {
        for (int i = 0; i < ticks; i++) {
            cache.tick();
        }
    }

    /** What a request does. */
    private boolean look() {
        Remembered known = cache.find(KEY);
        if (known != null) {
            cache.touch(KEY, known, cache.now());
        }
        return known != null;
    }

    @Test
    void aSessionThatIsLookedForIsRememberedForEver() {
        remember();
        for (int i = 0; i < 10 * IDLE_TICKS; i++) {
            assertThat(look()).isTrue();
            pass(1);
        }
        assertThat(cache.names()).isEqualTo(1);
    }

    @Test
    void aSessionIsRememberedForTheIdleTimeAfterTheLastLookAndNotMuchLonger() {
        for (int lastLook = 0; lastLook < 3 * TOUCH_TICKS; lastLook++) {
            remember();
            IntStream.range(0, lastLook).forEach(tick -> {
                pass(1);
                look();
            });
            pass(IDLE_TICKS - 1);
            assertThat(cache.find(KEY)).as("last look after %s ticks", lastLook).isNotNull();
            pass(TOUCH_TICKS + 2);
            assertThat(cache.find(KEY)).as("last look after %s ticks", lastLook).isNull();
            cache.settle();
            assertThat(cache.size()).isZero();
            assertThat(cache.names()).isZero();
        }
    }

    @Test
    void aSessionThatComesBackAfterItWasForgottenCanBeInvalidated() {
        remember();
        pass(2 * IDLE_TICKS);
        remember();
        assertThat(cache.change("name", Remembered::doubted)).isTrue();
    }

    @Test
    void oneOfAllThatSeeItDueTouches() {
        Remembered known = remember();
        pass(TOUCH_TICKS);
        AtomicInteger touched = new AtomicInteger();
        IntStream.range(0, 8).parallel().forEach(thread -> {
            if (cache.touch(KEY, known, cache.now())) {
                touched.incrementAndGet();
            }
        });
        assertThat(touched).hasValue(1);
        assertThat(cache.find(KEY)).isNotNull().satisfies(after -> {
            assertThat(after.isTouchDue(cache.now())).isFalse();
            assertThat(after.answer).isEqualTo(known.answer);
        });
    }

    @Test
    void aTouchDoesNotUndoWhatOthersHaveChanged() {
        Remembered known = remember();
        pass(TOUCH_TICKS);
        cache.change("name", Remembered::doubted);
        assertThat(cache.touch(KEY, known, cache.now())).isFalse();
        assertThat(cache.find(KEY)).isNotNull().matches(after -> !after.restorable());
    }
}
