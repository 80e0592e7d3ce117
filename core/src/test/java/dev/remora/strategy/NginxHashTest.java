package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NginxHashTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.nginxHash();
    }

    @Override
    FakeContext next(FakeContext context, int round) {
        return context.key("user-" + round);
    }

    @Override
    boolean warmsUp() {
        return false;
    }

    @Test
    void picksWhatNginxPicks() {
        NginxRecording.assertAgrees("hash", RecordedPick::byKey, NginxHash::new);
    }

    @Test
    void requestsWithoutAKeyOrWithAnEmptyOneAreServedInTurn() {
        Picker picker = strategy().picker(FakeNode.pool(1, 1, 1));
        FakeContext noKey = new FakeContext();
        FakeContext emptyKey = new FakeContext().key("");
        int[] picks = {picker.pick(noKey), picker.pick(emptyKey), picker.pick(noKey), picker.pick(emptyKey)};
        assertThat(picks).containsExactly(0, 1, 2, 0);
    }

    @Test
    void aMemberThatWarmsUpKeepsItsFullPlace() {
        Picker full = strategy().picker(WarmingPool.of(1));
        Picker warming = strategy().picker(WarmingPool.of(0.1));
        for (int round = 0; round < 1_000; round++) {
            FakeContext context = next(new FakeContext(), round);
            assertThat(warming.pick(context)).isEqualTo(full.pick(context));
        }
    }
}
