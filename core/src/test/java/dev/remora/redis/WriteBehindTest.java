package dev.remora.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.affinity.AffinityKey;
import dev.remora.pool.BackendId;
import dev.remora.redis.WriteBehind.Presumption;
import java.util.List;
import org.junit.jupiter.api.Test;

class WriteBehindTest {

    private static final BackendId A = new BackendId("a");
    private static final BackendId B = new BackendId("b");

    private final WriteBehind pending = new WriteBehind(3);

    private static AffinityKey key(int number) {
        return AffinityKey.of("k" + number);
    }

    private Presumption presume(int number, BackendId backend) {
        return pending.presume(key(number), backend, TieScript.REPLACES_NOTHING, 0);
    }

    @Test
    void touchesAreDroppedBeforeBindings() {
        pending.touch(key(1));
        pending.touch(key(2));
        Presumption first = presume(3, A);
        assertThat(pending.size()).isEqualTo(3);
        pending.touch(key(4));
        assertThat(pending.droppedTouches()).as("no room for one more touch").isEqualTo(1);
        presume(5, A);
        presume(6, A);
        assertThat(pending.droppedTouches()).as("both made room").isEqualTo(3);
        assertThat(pending.droppedBinds()).isZero();
        presume(7, A);
        assertThat(pending.droppedBinds()).isEqualTo(1);
        assertThat(first.vouch().holds()).as("nobody will tell of it").isFalse();
        assertThat(pending.find(key(3))).isNull();
        assertThat(pending.size()).isEqualTo(3);
    }

    @Test
    void aBindingTakesThePlaceOfATouchAndOfAnEarlierBinding() {
        pending.touch(key(1));
        Presumption first = pending.presume(key(1), A, "7", 8);
        Presumption second = pending.presume(key(1), B, "8", 9);
        pending.touch(key(1));
        assertThat(pending.size()).isEqualTo(1);
        assertThat(second.replaces()).as("what the store still has").isEqualTo("7");
        assertThat(first.vouch().holds()).isFalse();
        assertThat(pending.told(first)).as("it was replaced").isFalse();
        assertThat(pending.told(second)).isTrue();
        assertThat(pending.told(second)).as("once").isFalse();
        assertThat(pending.isEmpty()).isTrue();
    }

    @Test
    void whatTheStoreHasTakenOfUsIsReplacedThere() {
        Presumption first = presume(1, A);
        Presumption second = presume(1, B);
        pending.follow(first, 55);
        assertThat(pending.find(key(1))).isEqualTo(new Presumption(key(1), B, "55", second.fence(), second.vouch()));
    }

    @Test
    void everyBindingHasItsTurn() {
        presume(1, A);
        presume(2, A);
        presume(3, A);
        assertThat(pending.nextPresumptions(2)).extracting(Presumption::key).containsExactly(key(1), key(2));
        assertThat(pending.nextPresumptions(2)).extracting(Presumption::key).containsExactly(key(3), key(1));
        assertThat(pending.nextTouches(5)).isEqualTo(List.of());
    }

    @Test
    void aBoundBelowOneIsRefused() {
        assertThatThrownBy(() -> new WriteBehind(0)).hasMessage("max pending: 0 (expected: >= 1)");
    }
}
