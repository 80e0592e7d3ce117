package dev.remora.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What every session map owes to its callers. Each one inherits these tests. */
public abstract class SessionMapContract {

    protected static final BackendId A = new BackendId("a");
    protected static final BackendId B = new BackendId("b");
    protected static final BackendId C = new BackendId("c");

    protected final AffinityKey key = AffinityKey.of("session");

    protected abstract SessionMap map();

    protected static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    protected final Binding bound(AffinityKey which, BackendId backend) {
        return now(map().bind(which, backend)).orElseThrow();
    }

    @Test
    void theFirstWriterWins() {
        Binding first = bound(key, A);
        assertThat(bound(key, B)).isEqualTo(first);
        assertThat(map().presume(key, B)).isEqualTo(first);
        assertThat(now(map().find(key))).contains(first);
        assertThat(map().peek(key)).contains(first);
    }

    @Test
    void everyRebindRaisesTheFence() {
        Binding first = bound(key, A);
        Binding second = now(map().rebind(key, first.fence(), B));
        assertThat(second.backend()).isEqualTo(B);
        assertThat(second.fence()).isGreaterThan(first.fence());
    }

    @Test
    void anOldFenceIsShutOut() {
        Binding first = bound(key, A);
        Binding second = now(map().rebind(key, first.fence(), B));
        assertThat(now(map().rebind(key, first.fence(), C))).isEqualTo(second);
        assertThat(now(map().unbind(key, first.fence()))).isFalse();
        assertThat(now(map().find(key))).contains(second);
    }

    @Test
    void whatWasForgottenIsBoundByARebind() {
        Binding fresh = now(map().rebind(key, 5, A));
        assertThat(fresh.backend()).isEqualTo(A);
        assertThat(fresh.fence()).isGreaterThan(5);
        assertThat(now(map().find(key))).contains(fresh);
    }

    @Test
    void aKeyThatWasForgottenAndBoundAgainShutsOutWhoHeldItBefore() {
        Binding first = bound(key, A);
        now(map().unbind(key, first.fence()));
        Binding second = bound(key, B);
        assertThat(second.fence()).isGreaterThan(first.fence());
        assertThat(now(map().rebind(key, first.fence(), C))).isEqualTo(second);
    }

    @Test
    void aTouchBindsNothing() {
        map().touch(key);
        assertThat(now(map().find(key))).isEmpty();
    }

    @Test
    void unbindForgets() {
        Binding first = bound(key, A);
        assertThat(now(map().unbind(key, first.fence()))).isTrue();
        assertThat(now(map().find(key))).isEmpty();
        assertThat(now(map().unbind(key, first.fence()))).isFalse();
    }
}
