package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.pool.Snapshot;
import org.junit.jupiter.api.Test;

/** What a user needs to write for a strategy of the user's own, and that it works wherever ours do. */
class OwnStrategyTest {

    /** Always the first eligible back end: an active one and its standbys. */
    private record Standby(Snapshot snapshot) implements Picker {

        @Override
        public int pick(PickContext context) {
            for (int i = 0; i < snapshot.size(); i++) {
                if (context.eligible(i)) {
                    return i;
                }
            }
            return NONE;
        }
    }

    private final FakeContext context = new FakeContext();

    @Test
    void onePickerIsAStrategy() {
        Strategy standby = Standby::new;
        Picker picker = standby.picker(FakeNode.pool(1, 1, 1));
        assertThat(picker.pick(context)).isZero();
        context.eligible = index -> index == 2;
        assertThat(picker.pick(context)).isEqualTo(2);
        context.eligible = index -> false;
        assertThat(picker.pick(context)).isEqualTo(Picker.NONE);
        assertThat(picker.keeps(context, 1)).isTrue();
    }

    @Test
    void itFollowsTheMembersWithoutKnowingHow() {
        Strategy standby = Standby::new;
        Picker picker = standby.updated(standby.picker(FakeNode.pool(1)), FakeNode.pool(1, 1));
        context.eligible = index -> index == 1;
        assertThat(picker.pick(context)).isEqualTo(1);
    }

    @Test
    void itServesWithinTiersAndForRequestsWithoutAKey() {
        Picker odd = Strategy.priority(backend -> -(backend.port() % 2), Standby::new)
                .picker(FakeNode.pool(1, 1, 1, 1));
        assertThat(odd.pick(context)).isEqualTo(1);
        Picker keyless = Strategy.rendezvousHash(Standby::new).picker(FakeNode.pool(1, 1, 1));
        assertThat(keyless.pick(context)).isZero();
    }
}
